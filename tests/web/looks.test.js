// Size, security and accessibility of the page.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  IS_FIREFOX, PASSWORD, PHONE, SERVICE, User, allSaved, button, eventuallyEqual, listLoaded, newTaskField, open, openSignedIn, openTask, panel, row,
  shownTitles, statusContains, titleField, violations, withBrowser,
} from "./browser.js";

withBrowser();

const NOT_IN_FIREFOX = { skip: IS_FIREFOX && "Playwright cannot emulate this in Debian's Firefox" };

const TASKS = [
  { title: "Call the plumber", due: "2001-02-03" },
  { title: "Book the train", description: "Window seat\nquiet coach", due: "2033-04-05" },
  { title: "Water the plants", done: true },
];

test("the first view is small and is revalidated with its ETags", async (t) => {
  const sizes = {};
  let pending = [];
  const prepare = (page) =>
    page.on("requestfinished", (request) => {
      pending.push(
        (async () => {
          const { responseBodySize, responseHeadersSize } = await request.sizes();
          sizes[new URL(request.url()).pathname] = responseBodySize + responseHeadersSize;
        })(),
      );
    });
  const page = await open(t, { prepare });
  await page.waitForLoadState("networkidle");
  await Promise.all(pending);
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  t.diagnostic(`first view: ${total} bytes in ${Object.keys(sizes).length} requests`);
  assert.ok(total > 10_000 && total <= 275_000, `${total} bytes`);
  assert.ok(await page.getByLabel("User name").isVisible());

  pending = [];
  const statuses = [];
  page.on("response", (response) => statuses.push(response.fromServiceWorker() ? 0 : response.status()));
  await page.reload();
  await page.waitForLoadState("networkidle");
  await Promise.all(pending);
  assert.ok(statuses.every((status) => [200, 304].includes(status)), String(statuses));
});

test("the Content-Security-Policy forbids what the page does not need", async (t) => {
  const page = await open(t);
  const { headers } = await fetch(SERVICE);
  assert.match(headers.get("content-security-policy"), /default-src 'none'; script-src 'self'; style-src 'self'/);
  assert.equal(await page.locator("[style], script:not([src]), style").count(), 0);
});

const LOOKS = [["light", { colorScheme: "light" }], ["dark", { colorScheme: "dark" }], ["forced colours", { forcedColors: "active" }]];

for (const [name, colours] of LOOKS) {
  for (const [device, options] of [["desktop", {}], ["phone", PHONE]]) {
    test(`axe-core finds no violation: ${name}, ${device}`, async (t) => {
      const look = { ...options, ...colours, reducedMotion: "reduce", expectedErrors: [400, 401, 412] };
      const user = await User.register();
      const created = await user.create(...TASKS);
      const page = await open(t, look);
      const check = async (state) => assert.deepEqual(await violations(page), [], state);

      await check("sign-in");
      await button(page, "Create an account").click();
      await page.evaluate(() => (document.getElementById("code-field").hidden = false));
      await check("register");
      await page.locator("#switch-mode").click();
      await page.getByLabel("User name").fill(user.name);
      await page.getByLabel("Password").fill("wrong");
      await page.keyboard.press("Enter");
      await page.getByText("is wrong").waitFor();
      await check("sign-in refused");
      await page.getByLabel("Password").fill(PASSWORD);
      await page.keyboard.press("Enter");
      await row(page, "Book the train").waitFor();
      await check("list");

      await newTaskField(page).fill("x".repeat(501));
      await page.keyboard.press("Enter");
      await page.locator("#tasks .problem").waitFor();
      await check("not saved");
      await button(row(page, "xxx"), "Discard").click();
      await openTask(page, "Call the plumber");
      await check("the panel");
      await button(panel(page), "Delete this task").click();
      await check("deleted");
      await openTask(page, "Book the train");
      await titleField(page).fill("Book the bus");
      await user.change(created[1], { title: "Book the night train" });
      await titleField(page).press("Enter");
      await button(panel(page), "Keep mine").waitFor();
      await check("conflict");
      await button(panel(page), "Take theirs").click();
      await button(panel(page), "Close the task").click();
      await panel(page).waitFor({ state: "hidden" });
      await newTaskField(page).fill("Call Mia tomorrow 9:30 #trip !high");
      await page.locator("#chips .chip").first().waitFor();
      await check("quick add");
      await newTaskField(page).fill("");
      await button(page, "Select").click();
      await page.locator("input.select").first().check();
      await check("selecting");
      await page.locator("#bulk-tag").click();
      await check("a dialog");
      await button(page.getByRole("dialog"), "Cancel").click();
      await page.locator("#bulk-close").click();
      await page.getByRole("heading", { level: 1 }).focus();
      await page.keyboard.press("?");
      await check("the shortcuts");
      await page.keyboard.press("Escape");
      for (const view of ["Today", "Upcoming", "Done", "Trash", "Inbox"]) {
        if (device === "phone") await page.locator("#menu").click();
        if (view === "Today") await check("the side bar");
        await page.getByRole("link", { name: new RegExp(view) }).click();
        await listLoaded(page);
        await check(view);
      }
      await openTask(page, "Book the night train");
      await panel(page).getByText(/^1 of/).waitFor();
      await check("the place in the list");
    });
  }
}

/** The controls that are smaller than 42 pixels. */
const smallTargets = (page) =>
  page.evaluate(() => {
    const all = [...document.querySelectorAll("button, input, select, textarea, nav a")];
    const reachable = all.filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest("[inert]"));
    // The label of a checkbox is part of its touch target.
    const target = (element) => (element.type === "checkbox" ? element.closest("label") : element);
    return reachable
      .map((element) => [element.outerHTML, target(element)?.getBoundingClientRect() ?? element.getBoundingClientRect()])
      .filter(([, box]) => box.width < 42 || box.height < 42)
      .map(([html]) => html);
  });

test("every touch target is large enough, and nothing is wider than a small phone", async (t) => {
  const { page } = await openSignedIn(t, [...TASKS, "W".repeat(400)], { ...PHONE, viewport: { width: 320, height: 640 } });
  await openTask(page, "Book the train");
  for (const what of ["the panel", "the list", "the side bar"]) {
    assert.deepEqual(await smallTargets(page), [], what);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320, what);
    if (what === "the panel") await button(panel(page), "Close the task").click();
    if (what === "the list") await page.locator("#menu").click();
  }
});

test("everything works with the keyboard alone, and the focus is always visible", async (t) => {
  const user = await User.register();
  const page = await open(t);
  const keys = page.keyboard;
  const press = async (...names) => {
    for (const name of names) await keys.press(name);
  };
  /** Presses `key` until the element with this name has the focus, and checks its focus ring. */
  const reach = async (name, key = "Tab") => {
    for (let steps = 0; steps < 40; steps++) {
      await keys.press(key);
      const focused = await page.evaluate(() => {
        const element = document.activeElement;
        const labels = [...(element.labels ?? [])].map((label) => label.textContent).join(" ");
        const ring = element.type === "radio" ? element.nextElementSibling : element;
        const { outlineStyle, outlineWidth } = getComputedStyle(ring);
        const labelledBy = document.getElementById(element.getAttribute("aria-labelledby"))?.textContent;
        return { name: element.ariaLabel ?? labelledBy ?? (labels || element.textContent), ring: outlineStyle !== "none" && outlineWidth };
      });
      if (name.test(focused.name)) {
        assert.equal(focused.ring, "3px", `the focus ring of ${focused.name}`);
        return;
      }
    }
    assert.fail(`${name} was not reached`);
  };

  assert.equal(await page.evaluate(() => document.activeElement.id), "username");
  await keys.type(user.name);
  await reach(/Password/);
  await keys.type(PASSWORD);
  await press("Enter");
  await page.getByText("No tasks yet").waitFor();
  await keys.type("Buy milk");
  await press("Enter");
  await statusContains(page, "Added");
  await reach(/^Buy milk$/);
  await reach(/^Buy milk$/);
  await press("Enter");
  await eventuallyEqual(() => page.evaluate(() => document.activeElement.id), "panel-title");
  await press("End");
  await keys.type(" and bread");
  await press("Enter", "Escape");
  await statusContains(page, "Saved");
  await reach(/Delete .*Buy milk and bread/);
  await press("Enter");
  await statusContains(page, "Deleted");
  await press("Enter");
  await statusContains(page, "Restored");
  await allSaved(page);
  assert.deepEqual(await shownTitles(page), ["Buy milk and bread"]);
  await reach(/^Buy milk and bread$/, "Shift+Tab");
  await reach(/^Buy milk and bread$/, "Shift+Tab");
  await press("Space");
  await statusContains(page, "Done");
  await reach(/^Done/, "Shift+Tab");
  await press("Enter");
  await eventuallyEqual(() => page.evaluate(() => document.activeElement.id), "view-title");
  await eventuallyEqual(() => shownTitles(page), ["Buy milk and bread"]);
  await reach(/Sign out/, "Shift+Tab");
  await press("Enter");
  await page.getByText("You are signed out.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "username");
});

test("screen readers get names, states and the status line", async (t) => {
  const { page } = await openSignedIn(t, TASKS);
  const tree = await page.locator("body").ariaSnapshot();
  for (const line of [
    /navigation "Views and lists"/,
    /heading "All tasks" \[level=1\]/,
    /main/,
    /form "New task"/,
    /textbox "New task"/,
    /searchbox "Search"/,
    /link "All tasks 2 open tasks"/,
    /link "Inbox 2 open tasks"/,
    /list "Tasks"/,
    /checkbox "Call the plumber"/,
    /button "Book the train Has a description/,
    /button "Delete “.?Book the train.?”"/,
    /Overdue: Sat 3 Feb 2001/,
  ]) {
    assert.match(tree, line);
  }
});

test("screen readers get the panel's fields, steps and tags by name, and hear what changes", async (t) => {
  const task = { title: "Pack", due: "2033-04-05T09:30", repeat: "FREQ=DAILY", priority: "high", tags: ["trip"], steps: [{ title: "Socks", done: true }] };
  const { page } = await openSignedIn(t, [task]);
  await openTask(page, "Pack");
  const tree = await panel(page).ariaSnapshot();
  for (const line of [
    /checkbox "Done: “.?Pack.?”"/, /textbox "Title": Pack/, /textbox "Description"/, /group "Due"/, /textbox "Due date"/, /textbox "Due time"/,
    /combobox "Repeats"/, /option "every day" \[selected\]/, /combobox "Priority"/, /option "High" \[selected\]/, /combobox "List"/,
    /list "Tags"/, /button "Remove tag trip"/, /list "Steps"/, /checkbox "Step “.?Socks.?”" \[checked\]/, /textbox "Title of step 1"/,
    /button "Close the task"/, /button "Delete this task"/,
  ]) {
    assert.match(tree, line);
  }
  await panel(page).getByLabel("Steps", { exact: true }).and(page.locator("input")).fill("Hat");
  await page.keyboard.press("Enter");
  await statusContains(page, "Added the step “\u2068Hat\u2069”");
  await button(panel(page), "Remove tag trip").click();
  await allSaved(page);
  await newTaskField(page).fill("Call Mia tomorrow");
  await statusContains(page, "Understood: Tomorrow");
});

test("reduced motion disables all transitions", NOT_IN_FIREFOX, async (t) => {
  const moving = () => [...document.querySelectorAll("*")].some((element) => getComputedStyle(element).transitionDuration !== "0s");
  for (const [reducedMotion, expected] of [["reduce", false], ["no-preference", true]]) {
    const page = await open(t, { reducedMotion });
    assert.equal(await page.evaluate(moving), expected);
  }
});

test("a hundred hostile titles are shown as text", async (t) => {
  const kinds = [
    (n) => `<img src=x onerror=alert(${n})>`,
    (n) => `<script>alert(${n})</script>`,
    (n) => `"><svg/onload=alert(${n})>`,
    (n) => `javascript:alert(${n})`,
    (n) => `{{constructor.constructor('alert(${n})')()}} \${alert(${n})}`,
    (n) => `\u202e\u2066\u202bright to left ${n} \u05d0\u05d1\u05d2`,
    (n) => "👩‍👩‍👧‍👦💥".repeat(50) + n,
    (n) => `${"z\u0300\u0301\u0302\u0303\u0304\u0305".repeat(60)} ${n}`,
    (n) => `&lt;b&gt; &#x202e; %3Cb%3E \\u003cb ${n}`,
    (n) => `</ul></main><style>*{display:none}</style><h1>${n}`,
  ];
  const titles = Array.from({ length: 99 }, (_, n) => kinds[n % kinds.length](n));
  titles.push("😀".repeat(500));
  const tasks = titles.map((title, n) => ({ title, description: n % 3 ? "" : `${title}\n${title}` }));
  const { page } = await openSignedIn(t, tasks);
  for (let step = 0; step < 40 && (await shownTitles(page)).length < 100; step++) {
    await page.mouse.wheel(0, 8000);
    await page.waitForTimeout(100);
  }
  assert.deepEqual(await shownTitles(page), [...titles].reverse());
  assert.equal(await page.locator("#tasks img, #tasks script, #tasks style, #tasks h1, #tasks b, #status *").count(), 0);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 1100);

  await page.evaluate(() => scrollTo(0, 0));
  const hostile = page.locator("#tasks li").nth(1);
  await hostile.locator("button.open").click();
  assert.equal(await page.locator("#panel img, #panel script, #panel b").count(), 0);
  if (await page.locator("#panel-edit").isVisible()) await page.locator("#panel-edit").click();
  await page.getByLabel("Description", { exact: true }).fill("<b>more</b> https://example.com/\"><b>");
  await page.getByLabel("Description", { exact: true }).press("Control+Enter");
  await statusContains(page, "Saved");
  await page.keyboard.press("Escape");
  await hostile.hover();
  await button(hostile, /Delete/).click();
  await statusContains(page, "Deleted");
  await newTaskField(page).fill("<img src=x onerror=alert(1)>");
  await page.keyboard.press("Enter");
  await statusContains(page, "Added “\u2068<img src=x onerror=alert(1)>\u2069”");
  await page.waitForTimeout(200);
});

test("forced colours show which view is chosen and which row has the focus", NOT_IN_FIREFOX, async (t) => {
  const { page } = await openSignedIn(t, TASKS, { forcedColors: "active" });
  const outline = (locator) => locator.evaluate((element) => getComputedStyle(element).outlineStyle);
  assert.equal(await outline(page.getByRole("link", { name: /All tasks/ })), "solid");
  assert.equal(await outline(page.getByRole("link", { name: /Today/ })), "none");
  assert.deepEqual(await violations(page), []);
});
