//! The client of the benchmark: Linux kernel sockets, one connection at a time. Measures one thing
//! for a bounded time after a warm-up, together with the CPU time of the stack's process, and
//! prints it as one line of JSON.

use std::io::{Error, ErrorKind, Read, Write};
use std::mem::size_of_val;
use std::net::{Shutdown, SocketAddrV4, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd};
use std::time::{Duration, Instant};

use motetcp_bench::{bound_lifetime, cpu_seconds, run, Arguments};

const CHUNK_BYTES: usize = 256 * 1024;
const CONNECT_MESSAGE_BYTES: usize = 64;
/// Longest time without any progress before the run counts as broken.
const STALL: Duration = Duration::from_secs(4);

struct Load {
    to: SocketAddrV4,
    congestion: String,
    pid: u32,
    warm_up: Duration,
    length: Duration,
    /// Bytes (sink, source) or rounds (round-trips, connects) at most after the warm-up.
    limit: u64,
}

/// What was counted between two instants.
struct Figures {
    count: u64,
    seconds: f64,
    user: f64,
    system: f64,
    extra: String,
}

struct Mark {
    at: Instant,
    cpu: (f64, f64),
}

fn mark(load: &Load) -> Result<Mark, String> {
    let cpu = cpu_seconds(load.pid)?;
    Ok(Mark {
        at: Instant::now(),
        cpu,
    })
}

fn figures(from: &Mark, to: &Mark, count: u64, extra: String) -> Figures {
    Figures {
        count,
        seconds: to.at.duration_since(from.at).as_secs_f64(),
        user: to.cpu.0 - from.cpu.0,
        system: to.cpu.1 - from.cpu.1,
        extra,
    }
}

/// Opens a connection whose congestion control is chosen before the SYN leaves.
fn open(load: &Load) -> Result<TcpStream, String> {
    let failed = |what: &str| format!("{what} {}: {}", load.to, Error::last_os_error());
    // SAFETY: the descriptor is owned by the TcpStream at once; the pointers are to locals.
    unsafe {
        let socket = libc::socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0);
        if socket < 0 {
            return Err(failed("socket for"));
        }
        let stream = TcpStream::from_raw_fd(socket);
        if load.congestion != "default" {
            let name = load.congestion.as_bytes();
            let (pointer, length) = (name.as_ptr().cast(), name.len() as libc::socklen_t);
            if libc::setsockopt(
                socket,
                libc::IPPROTO_TCP,
                libc::TCP_CONGESTION,
                pointer,
                length,
            ) != 0
            {
                return Err(failed("TCP_CONGESTION for"));
            }
        }
        let mut address: libc::sockaddr_in = std::mem::zeroed();
        address.sin_family = libc::AF_INET as libc::sa_family_t;
        address.sin_port = load.to.port().to_be();
        address.sin_addr.s_addr = u32::from(*load.to.ip()).to_be();
        let length = size_of_val(&address) as libc::socklen_t;
        stream
            .set_write_timeout(Some(STALL))
            .map_err(|error| error.to_string())?;
        if libc::connect(socket, (&raw const address).cast(), length) != 0 {
            return Err(explain("connect to", load, Error::last_os_error()));
        }
        stream
            .set_read_timeout(Some(STALL))
            .map_err(|error| error.to_string())?;
        stream
            .set_nodelay(true)
            .map_err(|error| error.to_string())?;
        Ok(stream)
    }
}

fn late_text(what: &str, load: &Load) -> String {
    format!("{what} {}: no progress for {} s", load.to, STALL.as_secs())
}

fn explain(what: &str, load: &Load, error: Error) -> String {
    // connect() with a send timeout says EINPROGRESS when the time is over.
    let late = error.raw_os_error() == Some(libc::EINPROGRESS);
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => late_text(what, load),
        _ if late => late_text(what, load),
        _ => format!("{what} {}: {error}", load.to),
    }
}

/// What Linux knows about the connection (struct tcp_info; the offsets are part of its ABI).
struct TcpInfo {
    retransmissions: u32,
    bytes_acked: u64,
    segments_out: u32,
    segments_in: u32,
}

fn tcp_info(stream: &TcpStream) -> Result<TcpInfo, String> {
    let mut bytes = [0u8; 256];
    let mut length = bytes.len() as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` bytes.
    let result = unsafe {
        let pointer = bytes.as_mut_ptr().cast();
        libc::getsockopt(
            stream.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            pointer,
            &mut length,
        )
    };
    if result != 0 || length < 144 {
        return Err(
            "TCP_INFO: this kernel does not tell bytes_acked (Linux 4.6 or newer does)".into(),
        );
    }
    let word = |at: usize| u32::from_ne_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    Ok(TcpInfo {
        retransmissions: word(100),
        bytes_acked: u64::from_ne_bytes(bytes[120..128].try_into().expect("eight bytes")),
        segments_out: word(136),
        segments_in: word(140),
    })
}

/// Linux sends, the stack discards: what counts is what the stack has acknowledged.
fn sink(load: &Load) -> Result<Figures, String> {
    let mut stream = open(load)?;
    let chunk = vec![b's'; CHUNK_BYTES];
    let write_until = |stream: &mut TcpStream, end: Instant, limit: u64| {
        let mut written = 0;
        while written < limit && Instant::now() < end {
            let length = (limit - written).min(CHUNK_BYTES as u64) as usize;
            written += stream
                .write(&chunk[..length])
                .map_err(|error| explain("write to", load, error))? as u64;
        }
        Ok::<(), String>(())
    };
    write_until(&mut stream, Instant::now() + load.warm_up, load.limit)?;
    let (info, from) = (tcp_info(&stream)?, mark(load)?);
    write_until(&mut stream, from.at + load.length, load.limit)?;
    let (info_end, to) = (tcp_info(&stream)?, mark(load)?);
    let data_segments = info_end.segments_out.wrapping_sub(info.segments_out).max(1);
    let acks = info_end.segments_in.wrapping_sub(info.segments_in);
    let extra = format!(
        ",\"acksPer100\":{:.2},\"retransmissions\":{}",
        100.0 * f64::from(acks) / f64::from(data_segments),
        info_end.retransmissions
    );
    // The stream's end must come back, or the stack did not read to it.
    stream
        .shutdown(Shutdown::Write)
        .map_err(|error| explain("shutdown", load, error))?;
    let mut rest = [0; 1];
    let end = stream
        .read(&mut rest)
        .map_err(|error| explain("end of stream from", load, error))?;
    if end != 0 {
        return Err(format!("{}: a discard service sent data", load.to));
    }
    Ok(figures(
        &from,
        &to,
        info_end.bytes_acked - info.bytes_acked,
        extra,
    ))
}

/// The stack sends, Linux reads.
fn source(load: &Load) -> Result<Figures, String> {
    let mut stream = open(load)?;
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut read_until = |stream: &mut TcpStream, end: Instant, limit: u64| {
        let mut total = 0;
        while total < limit && Instant::now() < end {
            match stream
                .read(&mut chunk)
                .map_err(|error| explain("read from", load, error))?
            {
                0 => return Err(format!("{}: the source ended the stream", load.to)),
                length => total += length as u64,
            }
        }
        Ok(total)
    };
    read_until(&mut stream, Instant::now() + load.warm_up, load.limit)?;
    let from = mark(load)?;
    let bytes = read_until(&mut stream, from.at + load.length, load.limit)?;
    let to = mark(load)?;
    Ok(figures(&from, &to, bytes, String::new()))
}

/// Runs `round` through the warm-up and then counts it.
fn repeat(load: &Load, mut round: impl FnMut() -> Result<(), String>) -> Result<Figures, String> {
    let mut run_until = |end: Instant, limit: u64| {
        let mut count = 0;
        while count < limit && Instant::now() < end {
            round()?;
            count += 1;
        }
        Ok::<u64, String>(count)
    };
    run_until(Instant::now() + load.warm_up, load.limit)?;
    let from = mark(load)?;
    let count = run_until(from.at + load.length, load.limit)?;
    let to = mark(load)?;
    Ok(figures(&from, &to, count, String::new()))
}

/// One byte there and back on one connection.
fn round_trips(load: &Load) -> Result<Figures, String> {
    let mut stream = open(load)?;
    repeat(load, || {
        let mut byte = [b'r'];
        stream
            .write_all(&byte)
            .map_err(|error| explain("write to", load, error))?;
        stream
            .read_exact(&mut byte)
            .map_err(|error| explain("echo from", load, error))
    })
}

/// Connect, echo of a short message, close.
fn connects(load: &Load) -> Result<Figures, String> {
    repeat(load, || {
        let mut stream = open(load)?;
        let mut message = [b'c'; CONNECT_MESSAGE_BYTES];
        stream
            .write_all(&message)
            .map_err(|error| explain("write to", load, error))?;
        stream
            .read_exact(&mut message)
            .map_err(|error| explain("echo from", load, error))
    })
}

fn main() {
    run("load", || {
        let arguments = Arguments::from_environment();
        let seconds: f64 = arguments.required("--seconds")?;
        let warm_up: f64 = arguments.required("--warm-up")?;
        let load = Load {
            to: arguments.required("--to")?,
            congestion: arguments.required("--congestion")?,
            pid: arguments.required("--pid")?,
            warm_up: Duration::from_secs_f64(warm_up),
            length: Duration::from_secs_f64(seconds),
            limit: arguments.required("--limit")?,
        };
        bound_lifetime((seconds + warm_up).ceil() as u32 + 2 * STALL.as_secs() as u32);
        let kind: String = arguments.required("--measure")?;
        let result = match kind.as_str() {
            "sink" => sink(&load),
            "source" => source(&load),
            "round-trips" => round_trips(&load),
            "connects" => connects(&load),
            _ => Err(format!(
                "--measure {kind}: sink, source, round-trips or connects"
            )),
        }?;
        println!(
            "{{\"measure\":\"{kind}\",\"count\":{},\"seconds\":{:.6},\"userSeconds\":{:.3},\"systemSeconds\":{:.3}{}}}",
            result.count, result.seconds, result.user, result.system, result.extra
        );
        Ok(())
    });
}
