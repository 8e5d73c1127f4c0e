// A day's work with a client of TypeScript's SDK: `session.mjs sdk|client <url> <token> [legacy|auto]`.
// `sdk` is the package of the revisions of 2025, `client` the one of 2026-07-28 (`auto`) and before (`legacy`).

import assert from "node:assert/strict";

const [name, url, token, mode] = process.argv.slice(2);
const { Client, StreamableHTTPClientTransport } = await load(name);
const options = mode ? { versionNegotiation: { mode } } : {};
const client = new Client({ name: "contract-test", version: "1" }, options);
const requestInit = { headers: { Authorization: `Bearer ${token}` } };
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));

const { tools } = await client.listTools();
assert.deepEqual(
  tools.map((tool) => tool.name),
  ["find_tasks", "list_lists", "add_tasks", "update_tasks", "complete_tasks", "delete_tasks", "restore_tasks"],
);

// The client compares the data with the tool's schema by itself.
const data = async (tool, arguments_) => {
  const result = await client.callTool({ name: tool, arguments: arguments_ });
  assert.ok(!result.isError, JSON.stringify(result));
  return result.structuredContent;
};
const added = await data("add_tasks", { tasks: [{ title: "Read a book", due: "2026-12-24", list: "Inbox" }] });
const { uri } = added.results[0].task;
const found = await data("find_tasks", { title_prefix: "read A" });
assert.ok(found.tasks.some((task) => task.uri === uri));
const updated = await data("update_tasks", { tasks: [{ uri, priority: "high" }] });
assert.equal(updated.results[0].task.priority, "high");
const completed = await data("complete_tasks", { uris: [uri] });
assert.equal(completed.results[0].task.done, true);
assert.deepEqual((await data("delete_tasks", { uris: [uri] })).results, [{ deleted: uri }]);
await data("restore_tasks", { uris: [uri] });
await data("delete_tasks", { uris: [uri] });
assert.equal((await data("list_lists", {})).lists[0].name, "Inbox");

const refused = await client.callTool({ name: "add_tasks", arguments: { tasks: [{ title: "x", due: "tomorrow" }] } });
assert.ok(refused.isError);
assert.match(refused.content[0].text, /due must be a date like 2026-12-31 .*; you sent "tomorrow"/);
await assert.rejects(client.callTool({ name: "drop_table", arguments: {} }), /there is no such tool/);
await client.close();

async function load(name) {
  if (name === "client") return import("@modelcontextprotocol/client");
  const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
  const transport = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
  return { Client, ...transport };
}
