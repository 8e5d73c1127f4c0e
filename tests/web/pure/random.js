// Random numbers that are the same in every run, so that a failure can be repeated.

/** Mulberry32: small, and good enough to choose test data. */
export function randomFrom(seed) {
  let state = seed;
  const number = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const upTo = (limit) => Math.floor(number() * (limit + 1));
  return { number, upTo, of: (choices) => choices[upTo(choices.length - 1)], chance: (odds) => number() < odds };
}
