// Rules in words, words as rules, and what a form offers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addDays, daysInMonth, partsOf, weekdayOf } from "../../../web/dates.js";
import { firstDay, formatRule, ordinal, parseRule, repeatChoices, ruleWords } from "../../../web/recurrence.js";
import { matchRepeat, ruleFromWords } from "../../../web/repeat_words.js";

/** One rule of the service per line, and its words. Both ways. */
const RULES = [
  ["FREQ=DAILY", "every day"],
  ["FREQ=DAILY;INTERVAL=2", "every 2 days"],
  ["FREQ=DAILY;INTERVAL=999", "every 999 days"],
  ["FREQ=WEEKLY", "every week"],
  ["FREQ=WEEKLY;INTERVAL=2", "every 2 weeks"],
  ["FREQ=WEEKLY;BYDAY=FR", "every Friday"],
  ["FREQ=WEEKLY;BYDAY=MO,TH", "every Monday and Thursday"],
  ["FREQ=WEEKLY;BYDAY=SA,SU", "every Saturday and Sunday"],
  ["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"],
  ["FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR", "every 2 weeks on Monday, Tuesday, Wednesday, Thursday and Friday"],
  ["FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "every 2 weeks on Monday and Thursday"],
  ["FREQ=WEEKLY;INTERVAL=3;BYDAY=SU", "every 3 weeks on Sunday"],
  ["FREQ=MONTHLY", "every month"],
  ["FREQ=MONTHLY;INTERVAL=6", "every 6 months"],
  ["FREQ=MONTHLY;BYMONTHDAY=15", "every month on the 15th"],
  ["FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"],
  ["FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=22", "every 2 months on the 22nd"],
  ["FREQ=YEARLY", "every year"],
  ["FREQ=YEARLY;INTERVAL=4", "every 4 years"],
];

/** Every rule there is, with a few intervals. */
function* allRules() {
  for (const interval of ["", ";INTERVAL=2", ";INTERVAL=13", ";INTERVAL=999"]) {
    for (const frequency of ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]) yield `FREQ=${frequency}${interval}`;
    for (let set = 1; set < 128; set += 1) {
      const days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].filter((_, day) => set & (1 << day));
      yield `FREQ=WEEKLY${interval};BYDAY=${days.join(",")}`;
    }
    for (const day of [-1, ...Array.from({ length: 31 }, (_, index) => index + 1)]) yield `FREQ=MONTHLY${interval};BYMONTHDAY=${day}`;
  }
}

test("a rule has its words, and the words have their rule", () => {
  assert.deepEqual(RULES.map(([rule]) => [rule, ruleWords(rule)]), RULES);
  assert.deepEqual(RULES.map(([, words]) => [ruleFromWords(words), words]), RULES);
});

test("every rule comes back from its words and from its parts, and no two have the same words", () => {
  const rules = [...allRules()];
  assert.equal(rules.length, 4 * (4 + 127 + 32));
  for (const rule of rules) {
    assert.equal(ruleFromWords(ruleWords(rule)), rule);
    assert.equal(formatRule(parseRule(rule)), rule);
  }
  assert.equal(new Set(rules.map(ruleWords)).size, rules.length);
});

test("a rule may have its parts in any order and comes out canonical", () => {
  assert.equal(formatRule(parseRule("BYDAY=TH,MO;INTERVAL=1;FREQ=WEEKLY")), "FREQ=WEEKLY;BYDAY=MO,TH");
  assert.equal(formatRule(parseRule("BYMONTHDAY=31;FREQ=MONTHLY;INTERVAL=12")), "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31");
});

test("what the service refuses is no rule, and is shown as it is", () => {
  const wrong = [
    "", "FREQ", "FREQ=", "FREQ=HOURLY", "freq=DAILY", "FREQ=DAILY;", "FREQ=DAILY;FREQ=DAILY", "INTERVAL=2", "FREQ=DAILY;COUNT=3",
    "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=1000", "FREQ=DAILY;INTERVAL=02", "FREQ=DAILY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=",
    "FREQ=WEEKLY;BYDAY=MO,MO", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=WEEKLY;BYMONTHDAY=1", "FREQ=MONTHLY;BYMONTHDAY=0",
    "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=MONTHLY;BYMONTHDAY=-2", "FREQ=MONTHLY;BYMONTHDAY=1,2", "FREQ=MONTHLY;BYDAY=MO", "FREQ=DAILY=1",
  ];
  for (const text of wrong) {
    assert.equal(parseRule(text), null, text);
    assert.equal(ruleWords(text), text);
  }
});

test("people write the same rule in several ways", () => {
  const ways = {
    "FREQ=DAILY": ["Every day", "daily", "every 1 day"],
    "FREQ=DAILY;INTERVAL=2": ["every other day", "every second day", "every two days", "every 2nd day"],
    "FREQ=WEEKLY;BYDAY=MO,TH": ["every mon and thu", "every thu, mon", "every week on Monday and Thursday", "every mon thurs"],
    "FREQ=WEEKLY;BYDAY=SA,SU": ["every weekend"],
    "FREQ=MONTHLY;BYMONTHDAY=15": ["every 15th", "every 15th of the month", "every month on 15th"],
    "FREQ=MONTHLY;BYMONTHDAY=-1": ["every last day", "every last day of every month"],
    "FREQ=YEARLY": ["yearly", "every year"],
  };
  for (const [rule, texts] of Object.entries(ways)) for (const text of texts) assert.equal(ruleFromWords(text), rule, text);
});

test("other words are no rule", () => {
  const wrong = [
    "", "every", "every person", "every other", "every 2", "every 0 days", "every 1000 days", "every 32nd", "every 1th", "every mon and",
    "every mon mon", "every day tomorrow", "each day", "every last", "every 2nd person", "constructor", "every constructor", "every 2 mon", "every 2nd saturday",
  ];
  for (const text of wrong) assert.equal(ruleFromWords(text), null, text);
});

test("a repetition ends where other words begin", () => {
  const length = (text) => matchRepeat(text.split(" "))?.length;
  assert.equal(length("every mon and call bob"), 2);
  assert.equal(length("every 2 weeks on call"), 3);
  assert.equal(length("every month on the roof"), 2);
  assert.equal(length("every 3rd of may"), 2);
});

test("the first day of a rule is today or the rule's next day", () => {
  const first = (rule, today) => firstDay(parseRule(rule), today);
  assert.equal(first("FREQ=DAILY;INTERVAL=3", "2026-11-25"), "2026-11-25");
  assert.equal(first("FREQ=WEEKLY;BYDAY=MO,TH", "2026-11-25"), "2026-11-26");
  assert.equal(first("FREQ=MONTHLY;BYMONTHDAY=-1", "2028-02-01"), "2028-02-29");
  assert.equal(first("FREQ=MONTHLY;BYMONTHDAY=30", "2027-01-31"), "2027-03-30");
  assert.equal(first("FREQ=MONTHLY;BYMONTHDAY=31", "9999-12-31"), "9999-12-31");
  assert.equal(first("FREQ=MONTHLY;BYMONTHDAY=1", "9999-12-02"), null);
  assert.equal(first("FREQ=WEEKLY;BYDAY=MO", "9999-12-31"), null);
});

test("the first day is the first of all days that fit", () => {
  const fits = ({ days, monthDay }, date) => {
    const [year, month, day] = partsOf(date);
    const wanted = monthDay === -1 ? daysInMonth(year, month) : monthDay;
    return (days.length === 0 || days.includes(weekdayOf(date))) && (wanted === null || day === wanted);
  };
  let today = "2027-12-20";
  for (const text of [...allRules()].filter((rule) => !rule.includes("INTERVAL"))) {
    const rule = parseRule(text);
    let expected = today;
    while (!fits(rule, expected)) expected = addDays(expected, 1);
    assert.equal(firstDay(rule, today), expected, text);
    today = addDays(today, 1);
  }
});

test("a form offers what suits the due date, and what the task has", () => {
  assert.deepEqual(repeatChoices("2026-12-24T09:30"), [
    { value: null, words: "Does not repeat" },
    { value: "FREQ=DAILY", words: "every day" },
    { value: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", words: "every weekday (Monday to Friday)" },
    { value: "FREQ=WEEKLY;BYDAY=TH", words: "every Thursday" },
    { value: "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", words: "every 2 weeks on Thursday" },
    { value: "FREQ=MONTHLY", words: "every month on the 24th" },
    { value: "FREQ=YEARLY", words: "every year on 24 December" },
  ]);
  const words = (due, current) => repeatChoices(due, current).map((choice) => choice.words);
  assert.ok(words("2026-11-30").includes("every month on the 30th or the last day"));
  assert.ok(words("2026-11-30").includes("every month on the last day"));
  assert.ok(!words("2026-12-30").includes("every month on the last day"));
  assert.equal(words("2026-12-24", "FREQ=DAILY").length, 7);
  assert.equal(words("2026-12-24", "FREQ=DAILY;INTERVAL=5").at(-1), "every 5 days");
});

test("ordinal numbers are those of English", () => {
  const some = [1, 2, 3, 4, 10, 11, 12, 13, 21, 22, 23, 30, 31, 101, 111].map(ordinal);
  assert.deepEqual(some, ["1st", "2nd", "3rd", "4th", "10th", "11th", "12th", "13th", "21st", "22nd", "23rd", "30th", "31st", "101st", "111th"]);
});
