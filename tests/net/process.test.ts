// What a process waits for, and what an uncaught error in one handler does to others.

import assert from "node:assert/strict";
import { Worker } from "node:worker_threads";
import { netTest, type Module } from "./support/modules.js";
import { runProgram } from "./support/programs.js";

type Program = [title: string, source: string, stdout: string];

/** Programs that end by themselves, with 0. */
const ENDING: Program[] = [
  ["nothing but the module", `console.log("loaded")`, "loaded\n"],
  [
    "a server and sockets that were made and not used",
    `net.createServer(); new net.Socket(); console.log("made")`,
    "made\n",
  ],
  [
    "a server that is unref'd",
    `net.createServer().listen(0, "127.0.0.1", () => console.log("listening")).unref();
     await new Promise((done) => setTimeout(done, 50));`,
    "listening\n",
  ],
  [
    "a server that was unref'd before listen",
    `const server = net.createServer(); server.unref(); server.listen(0); console.log(server.listening)`,
    "true\n",
  ],
  [
    "a server that closed",
    `const server = net.createServer().listen(0, "127.0.0.1", () => server.close(() => console.log("closed")))`,
    "closed\n",
  ],
  [
    "a connection that ended in order",
    `const server = net.createServer((socket) => { socket.end("bye"); server.close(); });
     server.listen(0, "127.0.0.1", () => {
       net.connect(server.address().port, "127.0.0.1").on("data", (data) => console.log(String(data)));
     });`,
    "bye\n",
  ],
  [
    "both ends unref'd",
    `const server = net.createServer((socket) => { socket.unref(); console.log("accepted"); });
     server.listen(0, "127.0.0.1", () => {
       const client = net.connect(server.address().port, "127.0.0.1");
       client.on("connect", () => { setTimeout(() => { client.unref(); server.unref(); }, 20); });
     });`,
    "accepted\n",
  ],
  [
    "a timeout of an idle socket alone",
    `new net.Socket().setTimeout(60_000, () => console.log("timed out")); console.log("set")`,
    "set\n",
  ],
  [
    "an end that the peer did not answer, destroyed",
    `const server = net.createServer({ allowHalfOpen: true }, (socket) => socket.resume());
     server.listen(0, "127.0.0.1", async () => {
       const client = net.connect(server.address().port, "127.0.0.1");
       client.end("x");
       await once(client, "finish");
       client.destroy();
       server.close();
       console.log("left");
       setTimeout(() => process.exit(), 100);
     });`,
    "left\n",
  ],
];

for (const [title, source, stdout] of ENDING) {
  netTest(`a process ends by itself with: ${title}`, async (_net, t, module) => {
    const outcome = await runProgram(t, module, source);
    assert.deepEqual(outcome, { code: 0, signal: null, stdout, stderr: "" });
  });
}

/** Programs that would end at once if nobody waited for what is said last. */
const WAITING: Program[] = [
  [
    "a server that listens",
    `const server = net.createServer().listen(0, "127.0.0.1");
     setTimeout(() => { console.log("still here"); server.close(); }, 60).unref();`,
    "still here\n",
  ],
  [
    "a server that was unref'd and ref'd",
    `const server = net.createServer().listen(0, "127.0.0.1").unref().ref();
     setTimeout(() => { console.log("still here"); server.close(); }, 60).unref();`,
    "still here\n",
  ],
  [
    "an open connection, the server unref'd",
    `const server = net.createServer((socket) => socket.resume().unref());
     server.listen(0, "127.0.0.1", () => {
       const client = net.connect(server.address().port, "127.0.0.1");
       client.on("connect", () => {
         server.unref();
         client.resume();
         setTimeout(() => { console.log("still here"); client.destroy(); }, 100).unref();
       });
     });`,
    "still here\n",
  ],
  [
    "a connection being made",
    `const server = net.createServer((socket) => socket.destroy());
     server.listen(0, "127.0.0.1", () => {
       server.unref();
       net.connect(server.address().port, "127.0.0.1", () => console.log("connected")).resume().on("error", () => {});
     });`,
    "connected\n",
  ],
  [
    "data that is on its way",
    `const server = net.createServer((socket) => {
       let count = 0;
       socket.on("data", (data) => (count += data.length)).on("end", () => { console.log(count); server.close(); });
     });
     server.listen(0, "127.0.0.1", () => net.connect(server.address().port, "127.0.0.1").end(Buffer.alloc(3_000_000)));`,
    "3000000\n",
  ],
];

for (const [title, source, stdout] of WAITING) {
  netTest(`a process waits for: ${title}`, async (_net, t, module) => {
    const outcome = await runProgram(t, module, source);
    assert.deepEqual(outcome, { code: 0, signal: null, stdout, stderr: "" });
  });
}

netTest(
  "an 'error' without a handler ends the process, with its words",
  async (_net, t, module) => {
    const { code, stderr } = await runProgram(
      t,
      module,
      `const server = net.createServer().listen(0, "127.0.0.1", () => {
       const { port } = server.address();
       server.close(() => net.connect(port, "127.0.0.1"));
     });`,
    );
    assert.equal(code, 1);
    assert.match(stderr, /Unhandled 'error' event/);
    assert.match(stderr, /connect ECONNREFUSED 127\.0\.0\.1:\d+/);
  },
);

netTest(
  "EADDRINUSE without a handler ends the process, with its words",
  async (_net, t, module) => {
    const { code, stderr } = await runProgram(
      t,
      module,
      `const server = net.createServer().listen(0, "127.0.0.1", () => {
       net.createServer().listen(server.address().port, "127.0.0.1");
     });`,
    );
    assert.equal(code, 1);
    assert.match(stderr, /listen EADDRINUSE: address already in use 127\.0\.0\.1:\d+/);
  },
);

netTest(
  "a handler of 'connection' that throws is uncaught, and other connections go on",
  async (_net, t, module) => {
    const outcome = await runProgram(
      t,
      module,
      `process.on("uncaughtException", (error) => console.log("uncaught", error.message));
     let count = 0;
     const server = net.createServer((socket) => {
       socket.end("served");
       if (++count === 1) throw new Error("in connection");
     });
     server.listen(0, "127.0.0.1");
     await once(server, "listening");
     for (let i = 0; i < 2; i++) {
       const client = net.connect(server.address().port, "127.0.0.1");
       const [data] = await once(client, "data");
       console.log(String(data));
       if (!client.closed) await once(client, "close");
     }
     server.close();`,
    );
    assert.deepEqual(outcome, {
      code: 0,
      signal: null,
      stdout: "uncaught in connection\nserved\nserved\n",
      stderr: "",
    });
  },
);

netTest(
  "a handler of 'data' that throws is uncaught, and other sockets go on",
  async (_net, t, module) => {
    const outcome = await runProgram(
      t,
      module,
      `process.on("uncaughtException", (error) => console.log("uncaught", error.message));
     const server = net.createServer((socket) => {
       socket.on("data", (data) => {
         if (String(data) === "bad") throw new Error("in data");
         socket.end("fine");
       });
     });
     server.listen(0, "127.0.0.1");
     await once(server, "listening");
     const bad = net.connect(server.address().port, "127.0.0.1");
     bad.write("bad");
     await new Promise((done) => process.once("uncaughtException", done));
     const good = net.connect(server.address().port, "127.0.0.1");
     good.write("good");
     console.log(String((await once(good, "data"))[0]));
     bad.write("better");
     console.log(String((await once(bad, "data"))[0]));
     server.close();`,
    );
    assert.deepEqual(outcome, {
      code: 0,
      signal: null,
      stdout: "uncaught in data\nfine\nfine\n",
      stderr: "",
    });
  },
);

netTest(
  "handlers of 'connect', 'end', 'close' and callbacks that throw are uncaught, each",
  async (_net, t, module) => {
    const outcome = await runProgram(
      t,
      module,
      `const seen = [];
     process.on("uncaughtException", (error) => seen.push(error.message));
     const fail = (text) => () => { throw new Error(text); };
     const server = net.createServer((socket) => socket.resume().end("x"));
     server.on("listening", fail("listening"));
     server.listen(0, "127.0.0.1");
     await new Promise((done) => setTimeout(done, 20));
     const connect = () => net.connect(server.address().port, "127.0.0.1").resume();
     connect().on("connect", fail("connect"));
     connect().on("end", fail("end")).end();
     connect().on("close", fail("close")).end();
     connect().end("x", fail("write"));
     while (seen.length < 5) await new Promise((done) => setTimeout(done, 2));
     console.log(seen.sort().join(" "));
     process.exit();`,
    );
    assert.deepEqual(outcome, {
      code: 0,
      signal: null,
      stdout: "close connect end listening write\n",
      stderr: "",
    });
  },
);

netTest("process.exit with open sockets ends at once", async (_net, t, module) => {
  const outcome = await runProgram(
    t,
    module,
    `const server = net.createServer().listen(0, "127.0.0.1", () => {
       net.connect(server.address().port, "127.0.0.1", () => process.exit(7));
     });`,
  );
  assert.equal(outcome.code, 7);
});

const WORKER = (module: Module) => `
  import { parentPort } from "node:worker_threads";
  import net from ${JSON.stringify(module.specifier)};
  const server = net.createServer((socket) => socket.pipe(socket));
  server.listen(0, "127.0.0.1", () => {
    const client = net.connect(server.address().port, "127.0.0.1");
    client.on("data", (data) => { parentPort.postMessage(String(data)); client.end(); server.close(); });
    client.write("in a thread");
  });
`;

netTest(
  "a worker thread has servers and connections of its own, and ends by itself",
  async (_net, _t, module) => {
    const url = new URL(`data:text/javascript,${encodeURIComponent(WORKER(module))}`);
    const worker = new Worker(url);
    const messages: unknown[] = [];
    worker.on("message", (message) => messages.push(message));
    const code = await new Promise((done, fail) => worker.on("exit", done).on("error", fail));
    assert.deepEqual([code, messages], [0, ["in a thread"]]);
  },
);

netTest("a worker thread that is terminated leaves the others alone", async (net, t, module) => {
  const source = `import net from ${JSON.stringify(module.specifier)};
    import { parentPort } from "node:worker_threads";
    net.createServer().listen(0, "127.0.0.1", () => parentPort.postMessage("listening"));`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  await new Promise((done) => worker.once("message", done));
  await worker.terminate();
  const server = net.createServer();
  t.after(() => server.close());
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", () => done()));
  assert.equal(server.listening, true);
});

netTest("require() gives the module", async (_net, t, module) => {
  const source = `import { createRequire } from "node:module";
    const required = createRequire(import.meta.url)(${JSON.stringify(module.specifier)}.replace("file://", ""));
    console.log(required === net, typeof required.connect);`;
  const supports = Number(process.versions.node.split(".")[0]) >= 20;
  assert.ok(supports);
  const outcome = await runProgram(t, module, source);
  assert.equal(outcome.stdout, "true function\n");
});
