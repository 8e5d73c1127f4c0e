// A proxy in front of the service, for slow and unreliable lines: it delays every response, and it can lose
// responses after the service has done what was asked.

import http from "node:http";
import { readFile } from "node:fs/promises";

const TYPES = { js: "text/javascript", css: "text/css", svg: "image/svg+xml", html: "text/html" };

/**
 * Starts a proxy. `delay` is in milliseconds; `lose(method, path)` says whether the response is lost,
 * `cut(method, path)` whether it breaks off in the middle; `answer(url)` may give the JSON of a GET instead of the service. All can be changed later. While `refuse` is true nothing reaches the service. `WEB_FOLDER` serves the client's files from the disk, for work on the client.
 */
export async function startProxy(service, { delay = 0, lose = () => false, cut = () => false, answer = () => null } = {}) {
  const target = new URL(service);
  const proxy = { delay, lose, cut, answer, refuse: false, lost: 0 };
  const server = http.createServer((request, response) => forward(proxy, target, request, response));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy.url = `http://localhost:${server.address().port}`;
  proxy.close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return proxy;
}

async function forward(proxy, target, request, response) {
  const path = request.url.split("?")[0];
  const file = process.env.WEB_FOLDER && (path === "/" ? "index.html" : /^\/web\/[\w.]+$/.test(path) && path.slice(5));
  const given = request.method === "GET" && proxy.answer(new URL(request.url, proxy.url));
  if (given) return response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(given));
  if (proxy.refuse && path.startsWith("/todo/")) return request.socket.destroy();
  const headers = { ...request.headers };
  const upstream = http.request({ host: target.hostname, port: target.port, path: request.url, method: request.method, headers });
  const body = [];
  request.on("data", (chunk) => upstream.write(chunk));
  request.on("end", () => upstream.end());
  upstream.on("error", () => response.destroy());
  upstream.on("response", async (answer) => {
    for await (const chunk of answer) body.push(chunk);
    const isApi = path.startsWith("/todo/");
    if (isApi && proxy.delay > 0) await new Promise((resolve) => setTimeout(resolve, proxy.delay));
    if (isApi && proxy.lose(request.method, path)) {
      proxy.lost += 1;
      response.destroy();
      return;
    }
    if (file) {
      const text = await readFile(`${process.env.WEB_FOLDER}/${file}`).catch(() => null);
      if (text === null) return response.writeHead(404).end();
      response.writeHead(200, { "Content-Type": `${TYPES[file.split(".").at(-1)]}; charset=utf-8`, "Content-Security-Policy": POLICY });
      return response.end(text);
    }
    response.writeHead(answer.statusCode, answer.headers);
    const whole = Buffer.concat(body);
    if (!isApi || !proxy.cut(request.method, path)) return response.end(whole);
    proxy.lost += 1;
    response.write(whole.subarray(0, whole.length / 2), () => response.destroy());
  });
}

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
