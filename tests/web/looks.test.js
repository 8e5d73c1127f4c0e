// Size, security and accessibility of the page.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  PASSWORD,
  PHONE,
  SERVICE,
  User,
  button,
  eventuallyEqual,
  newTaskField,
  open,
  openSignedIn,
  row,
  shownTitles,
  statusContains,
  violations,
  withBrowser,
} from "./browser.js";

withBrowser();

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
  assert.ok(total > 10_000 && total <= 100_000, `${total} bytes`);
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

for (const colorScheme of ["light", "dark"]) {
  for (const [device, options] of [["desktop", {}], ["phone", PHONE]]) {
    test(`axe-core finds no violation: ${colorScheme}, ${device}`, async (t) => {
      const look = { ...options, colorScheme, reducedMotion: "reduce", expectedErrors: [400, 401, 412] };
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
      await page.locator("#outbox .problem").waitFor();
      await button(row(page, "Water"), /Delete/).click();
      await button(row(page, "Book"), /Edit/).click();
      await check("not saved, deleted, editing");

      await page.getByRole("textbox", { name: "Title" }).fill("Book the bus");
      await user.change(created[1], { title: "Book the night train" });
      await page.keyboard.press("Enter");
      await button(page, "Keep mine").waitFor();
      await check("conflict");
    });
  }
}

test("every touch target is large enough, and nothing is wider than a small phone", async (t) => {
  const { page } = await openSignedIn(t, [...TASKS, "W".repeat(400)], { ...PHONE, viewport: { width: 320, height: 640 } });
  await button(row(page, "Book"), /Edit/).click();
  const small = await page.evaluate(() => {
    const all = [...document.querySelectorAll("button, input, select, textarea")];
    const visible = all.filter((element) => element.checkVisibility());
    // The label of a checkbox or radio button is part of its touch target.
    const target = (element) => (["checkbox", "radio"].includes(element.type) ? element.closest("label") : element);
    return visible
      .map((element) => [element.outerHTML, target(element).getBoundingClientRect()])
      .filter(([, box]) => box.width < 42 || box.height < 42)
      .map(([html]) => html);
  });
  assert.deepEqual(small, []);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
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
        return { name: element.ariaLabel ?? (labels || element.textContent), ring: outlineStyle !== "none" && outlineWidth };
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
  await statusContains(page, "No tasks");
  await keys.type("Buy milk");
  await press("Enter");
  await statusContains(page, "Added");
  await reach(/All/);
  await reach(/Search/);
  await reach(/Edit/);
  await press("Enter");
  await press("End");
  await keys.type(" and bread");
  await press("Enter");
  await statusContains(page, "Saved");
  await reach(/^$/, "Shift+Tab");
  await press("Space");
  await statusContains(page, "Done");
  await reach(/Delete/);
  await press("Enter");
  await press("Enter");
  await statusContains(page, "Restored");
  assert.deepEqual(await shownTitles(page), ["Buy milk and bread"]);
  await reach(/All/, "Shift+Tab");
  await press("ArrowLeft");
  await eventuallyEqual(() => page.locator("input[name=show]:checked").getAttribute("value"), "true");
  await reach(/Sign out/, "Shift+Tab");
  await press("Enter");
  await page.getByText("You are signed out.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "username");
});

test("screen readers get names, states and the status line", async (t) => {
  const { page } = await openSignedIn(t, TASKS);
  const tree = await page.locator("body").ariaSnapshot();
  for (const line of [
    /banner/,
    /heading "To-do" \[level=1\]/,
    /main/,
    /form "New task"/,
    /textbox "New task"/,
    /search "Tasks to show"/,
    /radio "All" \[checked\]/,
    /status: 3 tasks shown/,
    /list "Tasks"/,
    /checkbox "Water the plants" \[checked\]/,
    /button "Edit “.?Book the train.?”"/,
    /Overdue: 3 Feb 2001/,
  ]) {
    assert.match(tree, line);
  }
});

test("reduced motion disables all transitions", async (t) => {
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
  assert.equal(await page.locator("#tasks img, #tasks script, #tasks style, #tasks h1, #tasks b").count(), 0);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 1100);

  await page.evaluate(() => scrollTo(0, 0));
  const hostile = page.locator("#tasks > li").nth(1);
  await button(hostile, /Edit/).click();
  await page.getByLabel("Description").fill("<b>more</b>");
  await page.getByLabel("Description").press("Control+Enter");
  await statusContains(page, "Saved");
  await button(hostile, /Delete/).click();
  await statusContains(page, "Deleted");
  await newTaskField(page).fill("<img src=x onerror=alert(1)>");
  await page.keyboard.press("Enter");
  await statusContains(page, "Added “\u2068<img src=x onerror=alert(1)>\u2069”");
  await page.waitForTimeout(200);
});
