// The baseline for reading one task in Node, with the SDK as its documentation shows it: without login,
// routes or log.

import { once } from "node:events";
import { Agent, request } from "node:http";
import { json, text } from "node:stream/consumers";

import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

const RUNTIME = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const agent = new Agent({ keepAlive: true });
const client = new DynamoDBClient({});

async function read(event) {
  const id = event.rawPath?.split("/").pop() ?? "";
  const found = await client.send(
    new GetItemCommand({
      TableName: "tasks",
      Key: { username: { S: "miguel" }, id: { N: id } },
      ConsistentRead: true,
    }),
  );
  const task = found.Item;
  if (!task) {
    return { statusCode: 404, body: '{"error":"Not found"}' };
  }
  const title = task.title?.S ?? null;
  const description = task.description?.S ?? null;
  const done = task.done?.BOOL ?? null;
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ task: { id, title, description, done } }),
  };
}

async function call(method, path, body) {
  const sent = request(`${RUNTIME}/${path}`, { method, agent });
  sent.end(body && JSON.stringify(body));
  const [response] = await once(sent, "response");
  return response;
}

async function handle(event) {
  try {
    return ["response", await read(event)];
  } catch (error) {
    return ["error", { errorType: error.name, errorMessage: error.message }];
  }
}

for (;;) {
  const next = await call("GET", "next");
  const id = next.headers["lambda-runtime-aws-request-id"];
  const [kind, body] = await handle(await json(next));
  // Read the body to its end, so that the connection can be reused.
  await text(await call("POST", `${id}/${kind}`, body));
}
