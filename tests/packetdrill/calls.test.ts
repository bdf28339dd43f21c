// System calls as POSIX has them, on the core: what they return in which state, and what they do.

import { test } from "node:test";
import { LISTENING, OPEN, passes, says } from "./support/scripts.js";

const good: Record<string, string> = {
  "poll sees what can be read and written, and the end": `${OPEN}
+0 poll([{fd=4, events=POLLIN|POLLOUT, revents=POLLOUT}, {fd=3, events=POLLIN}], 2, 0) = 1
+0 poll([{fd=9, events=POLLIN, revents=POLLNVAL}], 1, 0) = 1
+0 < P. 1:11(10) ack 1 win 10000
+0 poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, -1) = 1
+.04 > . 1:1(0) ack 11
+0 < F. 11:11(0) ack 1 win 10000
+0 > . 1:1(0) ack 12
+0 read(4, ..., 10) = 10
+0 poll([{fd=4, events=POLLIN|POLLRDHUP, revents=POLLIN|POLLRDHUP}], 1, 0) = 1`,

  "poll waits no longer than it was told": `${OPEN}
+0...0.020 poll([{fd=4, events=POLLIN}], 1, 20) = 0`,

  "poll reports a refused connection": `--option=TIMESTAMPS=0
0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3
+0 connect(3, ..., ...) = -1 EINPROGRESS
+0 > S 0:0(0) <...>
+0...0.1 poll([{fd=3, events=POLLOUT, revents=POLLOUT|POLLERR|POLLHUP}], 1, -1) = 1
+.1 < R. 0:0(0) ack 1 win 0
+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0
+0 read(3, ..., 1) = 0`,

  "options that the core has": `${OPEN}
+0 setsockopt(4, SOL_TCP, TCP_NODELAY, [1], 4) = 0
+0 getsockopt(4, SOL_TCP, TCP_NODELAY, [1], [4]) = 0
+0 setsockopt(4, SOL_TCP, TCP_USER_TIMEOUT, [2500], 4) = 0
+0 getsockopt(4, SOL_TCP, TCP_USER_TIMEOUT, [3000], [4]) = 0
+0 setsockopt(4, SOL_IP, IP_TTL, [0], 4) = -1 EINVAL
+0 setsockopt(4, SOL_IP, IP_TTL, [9], 4) = 0
+0 setsockopt(4, SOL_IP, IP_TOS, [0xb8], 4) = 0
+0 getsockopt(4, SOL_IP, IP_TOS, [0xb8], [4]) = 0
+0 getsockopt(4, SOL_TCP, TCP_MAXSEG, [1000], [4]) = 0
+0 write(4, ..., 1500) = 1500
+0 > (ttl 9, tos 0xb8) . 1:1001(1000) ack 1
+0 > P. 1001:1501(500) ack 1`,

  "a limit of the segment size, before connect() and after": `--option=TIMESTAMPS=0
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 getsockopt(3, SOL_TCP, TCP_MAXSEG, [536], [4]) = 0
+0 setsockopt(3, SOL_TCP, TCP_MAXSEG, [700], 4) = 0
+0 getsockopt(3, SOL_TCP, TCP_MAXSEG, [700], [4]) = 0
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)
+0 > S 0:0(0) <mss 700,nop,wscale 0,nop,nop,sackOK>
+.1 < S. 0:0(0) ack 1 win 10000 <mss 1000>
+0 > . 1:1(0) ack 1
+0 getsockopt(3, SOL_TCP, TCP_MAXSEG, [700], [4]) = 0
+0 setsockopt(3, SOL_TCP, TCP_MAXSEG, [600], 4) = 0
+0 write(3, ..., 1200) = 1200
+0 > . 1:601(600) ack 1
+0 > P. 601:1201(600) ack 1`,

  "what a socket is, what means nothing here, and what is off anyway": `${OPEN}
+0 getsockopt(4, SOL_SOCKET, SO_TYPE, [SOCK_STREAM], [4]) = 0
+0 getsockopt(4, SOL_SOCKET, SO_DOMAIN, [AF_INET], [4]) = 0
+0 getsockopt(3, SOL_SOCKET, SO_ACCEPTCONN, [1], [4]) = 0
+0 getsockopt(4, SOL_SOCKET, SO_ACCEPTCONN, [0], [4]) = 0
+0 setsockopt(4, SOL_SOCKET, SO_NOSIGPIPE, [1], 4) = 0
+0 setsockopt(4, SOL_TCP, TCP_CORK, [0], 4) = 0
+0 getsockopt(3, SOL_TCP, TCP_DEFER_ACCEPT, [0], [4]) = 0
+0 setsockopt(4, SOL_IP, IP_TOS, [IPTOS_LOWDELAY], 4) = 0
+0 write(4, ..., 10) = 10
+0 > (tos 0x10) P. 1:11(10) ack 1`,

  "poll tells of urgent data until they are read": `${OPEN}
+0 < PU. 1:4(3) ack 1 win 10000 urg 3
+0 poll([{fd=4, events=POLLPRI, revents=POLLPRI}], 1, 0) = 1
+0 read(4, ..., 10) = 3
+0 poll([{fd=4, events=POLLPRI, revents=0}], 1, 0) = 0
+.04 > . 1:1(0) ack 4`,

  "options that a socket has before its connection": `--option=TIMESTAMPS=0
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_IP, IP_TTL, [7], 4) = 0
+0 setsockopt(3, SOL_SOCKET, SO_RCVBUF, [5000], 4) = 0
+0 getsockopt(3, SOL_SOCKET, SO_RCVBUF, [5000], [4]) = 0
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 fcntl(3, F_GETFL) = 0x6 (as FreeBSD has it)
+0 connect(3, ..., ...) = -1 EINPROGRESS
+0 > (ttl 7) S 0:0(0) <...>`,

  "TCP_INFO and SO_LINGER are compared by their fields": `${OPEN}
+0 getsockopt(4, SOL_TCP, TCP_INFO, {tcpi_state=TCP_ESTABLISHED, tcpi_snd_mss=1000}, ...) = 0
+0 setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5}, 8) = 0
+0 getsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5}, ...) = 0`,

  "close with SO_LINGER waits for the acknowledgment": `${OPEN}
+0 setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5}, 8) = 0
+0...0.2 close(4) = 0
+0 > F. 1:1(0) ack 1
+.2 < . 1:1(0) ack 2 win 10000`,

  "close with SO_LINGER gives up": `${OPEN}
+0 setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=1}, 8) = 0
+0...1 close(4) = 0
+0 > F. 1:1(0) ack 1
+.3 > F. 1:1(0) ack 1
+.6 > F. 1:1(0) ack 1
+.5 \`state - FIN-WAIT-1\``,

  "shutdown for reading is ours alone; for writing it sends FIN": `${OPEN}
+0 shutdown(4, SHUT_RD) = 0
+0 read(4, ..., 10) = 0
+0 shutdown(4, SHUT_RDWR) = 0
+0 > F. 1:1(0) ack 1
+0 shutdown(4, SHUT_WR) = 0
+0 write(4, ..., 1) = -1 EPIPE (Broken pipe)
+0 shutdown(3, SHUT_WR) = -1 ENOTCONN`,

  "calls on numbers that are no sockets, and on sockets without a connection": `${LISTENING}
+0 read(7, ..., 1) = -1 EBADF
+0 read(3, ..., 1) = -1 ENOTCONN
+0 bind(3, ..., ...) = -1 EINVAL
+0 socket(..., SOCK_STREAM, 0) = 4
+0 bind(4, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("9.9.9.9")}, ...) = -1 EADDRNOTAVAIL
+0 bind(4, ..., ...) = -1 EADDRINUSE
+0 setsockopt(4, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
+0 bind(4, ..., ...) = 0
+0 listen(4, 1) = -1 EADDRINUSE
+0 getpeername(4, ..., ...) = -1 ENOTCONN
+0 close(4) = 0
+0 close(4) = -1 EBADF`,

  "a socket that was never bound listens at a port of its own": `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 1000 <mss 1000>
+0 > S. 0:0(0) ack 1 <...>`,

  "a full ring: a short write, then EAGAIN": `${OPEN}
+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 write(4, ..., 70000) = 65536
+0 write(4, ..., 10) = -1 EAGAIN
+0 ioctl(4, SIOCOUTQ, [65536]) = 0
+0 ioctl(4, SIOCOUTQNSD, [55536]) = 0
+0 > . 1:10001(10000) ack 1`,

  "vectors, messages, texts and flags": `${OPEN}
+0 writev(4, [{"abc", 3}, {"de", 2}], 2) = 5
+0 > P. 1:6(5) ack 1
+0 < . 1:1(0) ack 6 win 10000
+0 sendto(4, "fg", 2, 0, ..., ...) = 2
+0 > P. 6:8(2) ack 1
+0 < P. 1:101(100) ack 8 win 10000
+0 readv(4, [{..., 30}, {..., 20}], 2) = 50
+0 ioctl(4, FIONREAD, [50]) = 0
+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 50}], msg_flags=0}, 0) = 50
+.04 > . 8:8(0) ack 101`,

  "accept4, getsockname, getpeername, FIONBIO": `${LISTENING}
+0 < S 0:0(0) win 1000
+0 > S. 0:0(0) ack 1 <...>
+0 < . 1:1(0) ack 1 win 1000
+0 accept4(3, ..., ..., SOCK_NONBLOCK) = 4
+0 getsockname(4, ..., ...) = 0
+0 getpeername(4, ..., ...) = 0
+0 read(4, ..., 1) = -1 EAGAIN
+0 ioctl(4, FIONBIO, [0]) = 0
+0 fcntl(4, F_GETFL) = O_RDWR`,
};

for (const [name, text] of Object.entries(good)) test(name, () => passes(text));

test("values of getsockopt, ioctl and poll are compared", async () => {
  await says(
    `${OPEN}+0 getsockopt(4, SOL_SOCKET, SO_ERROR, [ECONNRESET], [4]) = 0`,
    "failed",
    /^getsockopt SO_ERROR: ECONNRESET expected, 0 came$/,
  );
  await says(
    `${OPEN}+0 ioctl(4, SIOCINQ, [5]) = 0`,
    "failed",
    /^ioctl SIOCINQ: 5 expected, 0 came$/,
  );
  await says(
    `${OPEN}+0 poll([{fd=4, events=POLLOUT, revents=POLLIN}], 1, 0) = 1`,
    "failed",
    /^poll: revents of 4: POLLIN expected, POLLOUT came$/,
  );
  await says(
    `${OPEN}+0 getsockopt(4, SOL_TCP, TCP_INFO, {tcpi_state=TCP_CLOSE}, ...) = 0`,
    "failed",
    /^tcpi_state is 1, not 7$/,
  );
});

test("what the core does not do is never passed over in silence", async () => {
  const none = /^the core has no corking yet$/;
  await says(`${OPEN}+0 setsockopt(4, SOL_TCP, TCP_CORK, [1], 4) = 0`, "unsupported", none);
  await says(`${OPEN}+0 send(4, ..., 10, MSG_MORE) = 10`, "unsupported", none);
});

test("shell: a number of tries as the time that they take", () =>
  passes(`\`set_sysctls.py /proc/sys/net/ipv4/tcp_syn_retries=1 \\
                /proc/sys/net/ipv4/tcp_retries2=3 \\
                /proc/sys/net/ipv4/tcp_recovery=0
sysctl net.inet.tcp.delayed_ack=0 net.inet.tcp.syncache.rexmtlimit=1\`
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 getsockopt(3, SOL_TCP, TCP_USER_TIMEOUT, [3000], [4]) = 0
+0...3 connect(3, ..., ...) = -1 ETIMEDOUT
+0 > S 0:0(0) <...>
+1 > S 0:0(0) <...>`));

test("shell: variables of systems, a pause, our own statements", () =>
  passes(`\`./defaults.sh
sysctl -q net.ipv4.tcp_timestamps=0 net.ipv4.tcp_ecn=0
sysctl -w net.ipv4.tcp_keepalive_time=5; sysctl net.inet.tcp.keepintvl=1500 kern.anything=1
../common/set_sysctls.py /proc/sys/net/ipv4/tcp_window_scaling=0\`
${LISTENING.replace("--option=TIMESTAMPS=0\n", "")}+0 getsockopt(3, SOL_TCP, TCP_KEEPIDLE, [5], [4]) = 0
+0 getsockopt(3, SOL_TCP, TCP_KEEPINTVL, [2], [4]) = 0
+0 \`option DELAYED_ACK_MS=10; sleep 1\`
+0 < S 0:0(0) win 1000 <mss 1000,nop,wscale 3,TS val 1 ecr 0>
+0 > S. 0:0(0) ack 1 <mss 1460>
+0 < P. 1:11(10) ack 1 win 1000
1.01 > . 1:1(0) ack 11
\`/tmp/sysctl_restore_\${PPID}.sh\``));

test("assertions: the operators", () =>
  passes(`${OPEN}+0 %{
assert 1 + 2 * 3 == 7 and not 2 > 3 or False
assert 7 // 2 == 3 and -7 // 2 == -4 and -7 % 3 == 2 and 7 / 2 == 3.5
assert 1 < 2 <= 2 < 3, 'chained'
assert (1 | 2 << 2) & 0xf == 9; assert 2 in [1, 2] and 3 not in (1, 2)
assert max(1, 2) == 2 and min(1, 2) == 1 and abs(-1) == 1
assert (tcpi_snd_cwnd ==
        10), 'a line goes on within parentheses'
print("passed over")
assert state == ESTABLISHED and tcpi_state == TCP_ESTABLISHED
}%`));
