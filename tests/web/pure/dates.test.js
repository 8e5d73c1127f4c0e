// Local dates: arithmetic beside that of the platform, and words.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as dates from "../../../web/dates.js";
import { randomFrom } from "./random.js";

const { addDays, addMonths, dayWords, daysBetween, dueWords, isDate, makeDate, weekdayOf } = dates;

/** The same by the platform, in UTC. */
function platformDate(date, days) {
  const moved = new Date(`${date}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved;
}

test("days are counted as the platform counts them, from the year 1 to 9999", () => {
  const random = randomFrom(3);
  for (let round = 0; round < 3000; round += 1) {
    const date = makeDate(1 + random.upTo(9998), 1 + random.upTo(11), 1 + random.upTo(27));
    const days = random.upTo(800000) - 400000;
    const expected = platformDate(date, days);
    const inRange = expected.getUTCFullYear() >= 1 && expected.getUTCFullYear() <= 9999;
    const moved = addDays(date, days);
    assert.equal(moved, inRange ? expected.toISOString().slice(0, 10) : null, `${date} ${days}`);
    assert.equal(weekdayOf(date), (platformDate(date, 0).getUTCDay() + 6) % 7, date);
    if (moved) assert.equal(daysBetween(date, moved), days);
  }
});

test("each day follows the one before through a leap year and a century", () => {
  for (const start of ["1899-12-28", "1999-12-28", "2027-12-28", "0001-01-01"]) {
    let date = start;
    for (let day = 1; day < 800; day += 1) {
      const next = addDays(date, 1);
      assert.ok(isDate(next) && next > date && daysBetween(date, next) === 1, next);
      date = next;
    }
  }
});

test("the calendar has a beginning and an end", () => {
  assert.equal(addDays("9999-12-31", 1), null);
  assert.equal(addDays("0001-01-01", -1), null);
  assert.equal(addMonths("9999-12-31", 1), null);
  assert.equal(addMonths("0001-01-31", -1), null);
  for (const wrong of ["", "2026-1-1", "2026-02-29", "2026-00-10", "2026-13-01", "0000-01-01", "2026-11-31", "2026-11-25T10:00"]) {
    assert.equal(isDate(wrong), false, wrong);
  }
});

test("a month too short gives its last day", () => {
  assert.equal(addMonths("2027-01-31", 1), "2027-02-28");
  assert.equal(addMonths("2028-01-31", 1), "2028-02-29");
  assert.equal(addMonths("2026-11-25", 14), "2028-01-25");
  assert.equal(addMonths("2026-03-31", -13), "2025-02-28");
});

test("now is what the clock of the person shows", () => {
  assert.equal(dates.localNow(new Date(2026, 2, 29, 0, 5)), "2026-03-29T00:05");
  assert.equal(dates.localNow(new Date(2026, 11, 31, 23, 59, 59)), "2026-12-31T23:59");
});

test("a due date has words, and is late when its day or its time is over", () => {
  const now = "2026-11-25T12:00";
  const words = [
    ["2026-11-25", "Today", false],
    ["2026-11-25T12:00", "Today 12:00", false],
    ["2026-11-25T11:59", "Today 11:59", true],
    ["2026-11-26", "Tomorrow", false],
    ["2026-11-24T23:00", "Yesterday 23:00", true],
    ["2026-12-24", "Thu 24 Dec", false],
    ["2027-12-24T09:30", "Fri 24 Dec 2027 09:30", false],
    ["2001-02-03", "Sat 3 Feb 2001", true],
  ];
  assert.deepEqual(words.map(([due]) => [due, ...Object.values(dueWords(due, now))]), words);
  assert.equal(dueWords("2001-02-03", now, true).overdue, false);
  assert.equal(dayWords("2027-01-01", "2026-12-31"), "Tomorrow");
});
