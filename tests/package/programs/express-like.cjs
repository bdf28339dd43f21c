// A web application as they are written with express, in CommonJS; it knows nothing of stacks. Asks itself,
// prints what it got, and stays until its standard input ends.

const http = require("http");

function application() {
  const handlers = [];
  const app = (request, response) => {
    let index = 0;
    const next = () => handlers[index++]?.(request, response, next);
    response.json = (value) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(value));
    };
    next();
  };
  app.use = (handler) => handlers.push(handler);
  app.route = (method, path, handler) =>
    app.use((request, response, next) =>
      request.method === method && request.url === path ? handler(request, response) : next(),
    );
  // As express has it.
  app.listen = (...args) => http.createServer(app).listen(...args);
  return app;
}

const app = application();
app.use((request, response, next) => {
  response.setHeader("x-powered-by", "nobody");
  next();
});
app.use((request, response, next) => {
  let text = "";
  request.setEncoding("utf8").on("data", (chunk) => (text += chunk));
  request.on("end", () => {
    request.body = text === "" ? null : JSON.parse(text);
    next();
  });
});
app.route("GET", "/", (request, response) => response.end(`hello ${request.socket.remoteAddress}`));
app.route("POST", "/sum", ({ body }, response) =>
  response.json({ sum: body.reduce((sum, each) => sum + each, 0) }),
);
app.use((request, response) => {
  response.statusCode = 404;
  response.end("nothing here");
});

function ask(port, method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, method, path }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve(`${response.statusCode} ${text}`));
    });
    request.on("error", reject).end(body && JSON.stringify(body));
  });
}

const server = app.listen(0, "127.0.0.1", async () => {
  const { port } = server.address();
  console.log(JSON.stringify({ ports: [port] }));
  console.log(await ask(port, "GET", "/"));
  console.log(await ask(port, "POST", "/sum", [1, 2, 3]));
  console.log(await ask(port, "GET", "/other"));
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  console.log(answer.headers.get("x-powered-by"), await answer.text());
  console.log("done");
  process.stdin.on("end", () => server.close(() => console.log("closed"))).resume();
});
