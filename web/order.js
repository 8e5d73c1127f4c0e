// The `order` of tasks in a list: 64-bit floats of at most 2^53 either way. A task that is dropped
// between two others gets the number in the middle, so that one write moves it. After about 50 moves
// into the same gap there is no number left, and some neighbours are renumbered, too.

const MAX = 2 ** 53;

/** A renumbered gap is at least so many times as wide as the smallest one: room for ten more moves. */
const ROOM = 1024;

/** The distance from a number to the next larger float, as near as is needed here. */
const spacing = (number) => 2 ** (Math.floor(Math.log2(Math.max(Math.abs(number), 2 ** -1000))) - 52);

/**
 * `count` rising numbers between two others, evenly spread.
 * @param {number | null} before the order of the task above; null at the beginning of the list
 * @param {number | null} after the order of the task below; null at the end of the list
 * @param {number} room how many times the smallest distance must fit between two of them
 * @returns {number[] | null} null when there are no such numbers
 */
export function ordersBetween(before, after, count, room) {
  const [low, high] = ends(before, after, count, room);
  if (low < -MAX - 1 || high > MAX + 1) return null;
  const step = (high - low) / (count + 1);
  if (step < room * Math.max(spacing(low), spacing(high))) return null;
  const orders = Array.from({ length: count }, (_, index) => low + step * (index + 1));
  const all = [...(before === null ? [] : [before]), ...orders, ...(after === null ? [] : [after])];
  const rises = all.every((order, index) => index === 0 || all[index - 1] < order);
  return rises && orders.every((order) => Math.abs(order) <= MAX) ? orders : null;
}

/**
 * The numbers between which the new ones are. A new task gets its id as its order and belongs to the
 * end of the list: what is moved there stays below the next whole number while there is room.
 */
function ends(before, after, count, room) {
  if (before !== null && after !== null) return [before, after];
  if (before !== null) {
    const next = Math.floor(before) + 1;
    const fits = (next - before) / (count + 1) > Math.max(room, 2) * spacing(next);
    return [before, fits ? next : before + count + 1];
  }
  // Before the first one, and in an empty list, below the orders of all new tasks.
  const high = after ?? 1;
  return [high - count - 1, high];
}

/**
 * The writes that move tasks within their list, or into it.
 * @param {{uri: string, order: number}[]} tasks the open tasks of the list, in its order; those that are
 *   moved may be among them
 * @param {{uri: string, order: number}[]} moved what is moved, in the order that it shall have
 * @param {number} index how many of the other tasks are above the new place
 * @returns {{uri: string, order: number}[]} the new orders: of what is moved and, when there is no room
 *   there, of neighbours as well (a batch holds 50). Nothing for a task that has its place already.
 */
export function planMove(tasks, moved, index) {
  const uris = new Set(moved.map((task) => task.uri));
  const others = tasks.filter((task) => !uris.has(task.uri));
  const place = Math.max(0, Math.min(index, others.length));
  const wanted = [...others.slice(0, place), ...moved, ...others.slice(place)];
  const isSame = wanted.length === tasks.length && wanted.every((task, at) => task.uri === tasks[at].uri);
  if (isSame || moved.length === 0) return [];
  let [start, end] = [place, place + moved.length];
  // The window grows to both sides until the numbers beside it leave enough room.
  for (let room = 0; ; room = ROOM) {
    const window = wanted.slice(start, end);
    const whole = start === 0 && end === wanted.length;
    const [before, after] = [wanted[start - 1]?.order ?? null, wanted[end]?.order ?? null];
    const orders = whole && room ? fresh(window.length) : ordersBetween(before, after, window.length, room);
    if (orders) return changes(window, orders, uris);
    start = Math.max(0, start - 1);
    end = Math.min(wanted.length, end + 1);
  }
}

/** Orders for a whole list. They end below those of new tasks. */
const fresh = (count) => Array.from({ length: count }, (_, index) => index + 1 - count);

function changes(tasks, orders, moved) {
  const all = tasks.map((task, index) => ({ uri: task.uri, order: orders[index] + 0, old: task.order }));
  return all.filter(({ uri, order, old }) => moved.has(uri) || order !== old).map(({ uri, order }) => ({ uri, order }));
}
