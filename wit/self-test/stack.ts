// One of the two libraries as the self-test imports it. generated/peer.ts is this file with the package motetcp:peer, for
// the other one.

// @ts-ignore: decorator
@external("motetcp:stack/about@0.1.0", "version")
export declare function version(result: usize): void;

// @ts-ignore: decorator
@external("motetcp:stack/lifecycle@0.1.0", "initialise")
export declare function initialise(): void;

// @ts-ignore: decorator
@external("motetcp:stack/lifecycle@0.1.0", "seed")
export declare function seed(entropy: usize, length: u32, result: usize): void;

// @ts-ignore: decorator
@external("motetcp:stack/time@0.1.0", "advance")
export declare function advance(us: u64): void;

// @ts-ignore: decorator
@external("motetcp:stack/time@0.1.0", "deadline")
export declare function deadline(result: usize): void;

// @ts-ignore: decorator
@external("motetcp:stack/time@0.1.0", "expire")
export declare function expire(): u32;

// @ts-ignore: decorator
@external("motetcp:stack/network@0.1.0", "configure")
export declare function configure(
  index: u32,
  a: u32,
  b: u32,
  c: u32,
  d: u32,
  e: u32,
  f: u32,
  mtu: u32,
  result: usize,
): void;

// @ts-ignore: decorator
@external("motetcp:stack/network@0.1.0", "set-link")
export declare function setLink(index: u32, up: u32, result: usize): void;

// @ts-ignore: decorator
@external("motetcp:stack/network@0.1.0", "add-address")
export declare function addAddress(
  index: u32,
  family: u32,
  a: u32,
  b: u32,
  c: u32,
  d: u32,
  e: u32,
  f: u32,
  g: u32,
  h: u32,
  prefixLength: u32,
  detects: u32,
  result: usize,
): void;

// @ts-ignore: decorator
@external("motetcp:stack/frames@0.1.0", "receive")
export declare function receive(index: u32, frame: usize, length: u32, result: usize): void;

// @ts-ignore: decorator
@external("motetcp:stack/frames@0.1.0", "transmit")
export declare function transmit(index: u32, result: usize): void;

// @ts-ignore: decorator
@external("motetcp:stack/tcp@0.1.0", "listen")
export declare function listen(
  isBound: u32,
  address: u32,
  port: u32,
  backlog: u32,
  result: usize,
): void;

// @ts-ignore: decorator
@external("motetcp:stack/tcp@0.1.0", "accept")
export declare function accept(listener: u32, result: usize): void;

// @ts-ignore: decorator
@external("motetcp:stack/tcp@0.1.0", "connect")
export declare function connect(
  family: u32,
  a: u32,
  b: u32,
  c: u32,
  d: u32,
  e: u32,
  f: u32,
  g: u32,
  h: u32,
  port: u32,
  isBound: u32,
  address: u32,
  localPort: u32,
  result: usize,
): void;

// @ts-ignore: decorator
@external("motetcp:stack/tcp@0.1.0", "write")
export declare function write(connection: u32, data: usize, length: u32, result: usize): void;

// @ts-ignore: decorator
@external("motetcp:stack/tcp@0.1.0", "read")
export declare function read(connection: u32, limit: u32, result: usize): void;

// @ts-ignore: decorator
@external("motetcp:stack/tcp@0.1.0", "shutdown")
export declare function shutdown(connection: u32, result: usize): void;

// @ts-ignore: decorator
@external("motetcp:stack/tcp@0.1.0", "close")
export declare function close(handle: u32, result: usize): void;

// @ts-ignore: decorator
@external("motetcp:stack/tcp@0.1.0", "info")
export declare function info(handle: u32, result: usize): void;

// @ts-ignore: decorator
@external("motetcp:stack/udp@0.1.0", "bind")
export declare function bind(isBound: u32, address: u32, port: u32, result: usize): void;

// @ts-ignore: decorator
@external("motetcp:stack/udp@0.1.0", "send")
export declare function send(
  socket: u32,
  is: u32,
  family: u32,
  a: u32,
  b: u32,
  c: u32,
  d: u32,
  e: u32,
  f: u32,
  g: u32,
  h: u32,
  port: u32,
  data: usize,
  length: u32,
  result: usize,
): void;

// @ts-ignore: decorator
@external("motetcp:stack/udp@0.1.0", "receive")
export declare function receiveDatagram(socket: u32, result: usize): void;

// @ts-ignore: decorator
@external("motetcp:stack/udp@0.1.0", "close")
export declare function closeSocket(socket: u32, result: usize): void;

// @ts-ignore: decorator
@external("motetcp:stack/events@0.1.0", "next")
export declare function nextEvent(result: usize): void;

// @ts-ignore: decorator
@external("motetcp:stack/events@0.1.0", "take")
export declare function takeEvents(handle: u32, result: usize): void;

// @ts-ignore: decorator
@external("motetcp:stack/inspect@0.1.0", "pools")
export declare function pools(result: usize): void;

// @ts-ignore: decorator
@external("motetcp:stack/inspect@0.1.0", "counters")
export declare function counters(result: usize): void;
