// The type of service of sockets of a module, step by step as JSON: what each call gave, or its error.

const { createServer, Socket, connect } = require(process.argv[2]);
const steps = [];
const step = (call) => {
  try {
    steps.push(call());
  } catch ({ code, message, errno, syscall }) {
    steps.push({ code, message, errno, syscall });
  }
};

const server = createServer((socket) => socket.resume()).listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  const fresh = new Socket();
  step(() => fresh.getTypeOfService());
  for (const tos of [256, -1, 1.5, NaN, "1", undefined])
    step(() => fresh.setTypeOfService(tos) === fresh);
  step(() => fresh.setTypeOfService(0x13) === fresh);
  step(() => fresh.getTypeOfService());
  for (const typeOfService of [300, "x", null])
    step(() => new Socket({ typeOfService }) instanceof Socket);
  const socket = connect({ port, host: "127.0.0.1", typeOfService: 8 });
  step(() => socket.getTypeOfService());
  step(() => socket.setTypeOfService(32) === socket);
  socket.on("connect", () => {
    step(() => socket.getTypeOfService());
    step(() => socket.setTypeOfService(0x13) === socket);
    step(() => socket.getTypeOfService());
    socket.destroy();
    step(() => socket.getTypeOfService());
    server.close(() => console.log(JSON.stringify(steps)));
  });
});
