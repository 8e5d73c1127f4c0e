// The order of tasks: one write moves a task while there is room, and the list always comes out as dropped.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ordersBetween, planMove } from "../../../web/order.js";

const orderBetween = (before, after) => ordersBetween(before, after, 1, 0)?.[0] ?? null;
const idOf = (task) => Number(task.uri.slice(task.uri.lastIndexOf("/") + 1));

/** The order of a list, as `sort=order` of the service: open tasks by `order`, then done ones by id. */
function compareInList(a, b) {
  if (a.done !== b.done) return a.done ? 1 : -1;
  return (a.done ? 0 : a.order - b.order) || idOf(a) - idOf(b);
}
import { randomFrom } from "./random.js";

const MAX = 2 ** 53;
const uri = (id) => `https://todo.example/todo/api/v1.0/tasks/${id}`;
const task = (id, order = id, done = false) => ({ uri: uri(id), order, done });

/** The list after the writes, as the service would sort it. */
function apply(tasks, moved, writes) {
  const all = new Map([...tasks, ...moved].map((one) => [one.uri, one]));
  for (const { uri: written, order } of writes) {
    assert.ok(Number.isFinite(order) && Math.abs(order) <= MAX && !Object.is(order, -0), String(order));
    all.set(written, { ...all.get(written), order });
  }
  return [...all.values()].sort(compareInList);
}

const uris = (tasks) => tasks.map((one) => one.uri);

test("a list has its open tasks by order, then id, and its done ones by id", () => {
  const tasks = [task(9, -1, true), task(10, 5, true), task(3), task(2, 3), task(10, 3), task(1, 7)];
  assert.deepEqual([...tasks].reverse().sort(compareInList), [task(2, 3), task(3), task(10, 3), task(1, 7), task(9, -1, true), task(10, 5, true)]);
});

test("between two orders is the middle, and at the ends there is always room", () => {
  assert.equal(orderBetween(1, 2), 1.5);
  assert.equal(orderBetween(-3, 5), 1);
  assert.equal(orderBetween(null, 1), 0);
  assert.equal(orderBetween(12, null), 12.5);
  assert.equal(orderBetween(null, null), 0);
  assert.equal(orderBetween(2, 2), null);
  assert.equal(orderBetween(1, 1 + Number.EPSILON), null);
  assert.equal(orderBetween(MAX - 1, MAX), null);
  assert.equal(orderBetween(MAX, null), null);
  assert.equal(orderBetween(null, -MAX), null);
});

test("moved to the end, a task stays before the tasks that will be created", () => {
  let last = 12;
  for (let move = 0; move < 40; move += 1) {
    const order = orderBetween(last, null);
    assert.ok(order > last && order < 13);
    last = order;
  }
});

test("one write moves a task, and none is needed for its own place", () => {
  const tasks = [1, 2, 3, 4].map((id) => task(id));
  assert.deepEqual(planMove(tasks, [tasks[3]], 1), [{ uri: uri(4), order: 1.5 }]);
  assert.deepEqual(planMove(tasks, [tasks[0]], 3), [{ uri: uri(1), order: 4.5 }]);
  assert.deepEqual(planMove(tasks, [tasks[2]], 0), [{ uri: uri(3), order: 0 }]);
  assert.deepEqual(planMove(tasks, [tasks[1]], 1), []);
  assert.deepEqual(planMove(tasks, [], 1), []);
  assert.deepEqual(planMove(tasks, [task(9)], 99), [{ uri: uri(9), order: 4.5 }]);
  assert.deepEqual(planMove([], [task(9)], 0), [{ uri: uri(9), order: 0 }]);
});

test("several tasks move together and keep the order that they are given in", () => {
  const tasks = [1, 2, 3, 4].map((id) => task(id));
  const writes = planMove(tasks, [tasks[3], tasks[0]], 1);
  assert.deepEqual(uris(apply(tasks, [], writes)), [2, 4, 1, 3].map(uri));
  assert.equal(writes.length, 2);
});

test("without room, a few neighbours are renumbered and there is room again", () => {
  const tight = [task(1, 1), task(2, 1 + Number.EPSILON), task(3, 1 + 2 * Number.EPSILON), task(4, 2), task(5, 3)];
  const writes = planMove(tight, [tight[4]], 1);
  assert.deepEqual(uris(apply(tight, [], writes)), [1, 5, 2, 3, 4].map(uri));
  assert.ok(writes.length <= 4, `${writes.length} writes`);
  const equal = Array.from({ length: 300 }, (_, index) => task(index + 1, 7));
  const all = planMove(equal, [equal[299]], 0);
  assert.deepEqual(uris(apply(equal, [], all))[0], uri(300));
});

test("moved into the same gap a thousand times, a list needs two writes a move on average at most", () => {
  let tasks = Array.from({ length: 30 }, (_, index) => task(index + 1));
  let writes = 0;
  for (let move = 0; move < 1000; move += 1) {
    const moved = tasks.at(-1);
    const plan = planMove(tasks, [moved], 10);
    writes += plan.length;
    const expected = uris([...tasks.slice(0, 10), moved, ...tasks.slice(10, -1)]);
    tasks = apply(tasks, [], plan);
    assert.deepEqual(uris(tasks), expected);
  }
  assert.ok(writes <= 2000, `${writes} writes`);
});

test("whatever the orders, each move ends as it was dropped", () => {
  const random = randomFrom(5);
  const numbers = [0, 1, 1, 2, MAX, MAX - 1, -MAX, 1 + Number.EPSILON, 5e-324, 1e-300, -1e-300, 0.1, 1e15];
  for (let round = 0; round < 500; round += 1) {
    const tasks = Array.from({ length: random.upTo(8) }, (_, index) => task(index + 1, random.of(numbers) + random.upTo(2) / 2));
    for (const one of tasks) one.order = Math.max(-MAX, Math.min(MAX, one.order));
    tasks.sort(compareInList);
    const others = tasks.filter(() => random.chance(0.7));
    const moved = [...tasks.filter((one) => !others.includes(one)), ...(random.chance(0.3) ? [task(99, random.of(numbers))] : [])];
    const index = random.upTo(others.length);
    const expected = uris([...others.slice(0, index), ...moved, ...others.slice(index)]);
    const plan = planMove(tasks, moved, index);
    assert.equal(new Set(uris(plan)).size, plan.length);
    assert.deepEqual(uris(apply(tasks, moved, plan)), expected, JSON.stringify([tasks, moved, index]));
  }
});
