//! smoltcp on a TAP device of its own, with the ports that `mote serve` has: echo 7, discard 9
//! and a source on 19 that sends from one buffer for ever. Prints "ready" once it can be reached;
//! ends with its parent. The loop is the one of smoltcp's examples: poll, serve, wait.

use std::io::Error;
use std::net::Ipv4Addr;
use std::os::unix::io::AsRawFd;

use motetcp_bench::{bound_lifetime, run, Arguments};
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{wait, Medium, TunTapInterface};
use smoltcp::socket::tcp;
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};

const ECHO_PORT: u16 = 7;
const DISCARD_PORT: u16 = 9;
const SOURCE_PORT: u16 = 19;
/// smoltcp has no backlog: a connection needs a socket that listens while the last one ends.
const ECHO_SOCKETS: usize = 4;
const ECHO_BUFFER_BYTES: usize = 4096;
const PREFIX_LENGTH: u8 = 30;
const SOURCE_BYTES: usize = 65536;

/// Gives the host's side of the TAP device its address and brings it up.
fn configure_host_side(name: &str, address: Ipv4Addr) -> Result<(), String> {
    let failed = |what: &str| format!("{what} on {name}: {}", Error::last_os_error());
    // SAFETY: ifreq is plain data; the kernel reads and writes only this local copy.
    unsafe {
        let socket = libc::socket(libc::AF_INET, libc::SOCK_DGRAM, 0);
        if socket < 0 {
            return Err(failed("socket"));
        }
        let mut request: libc::ifreq = std::mem::zeroed();
        for (to, from) in request.ifr_name.iter_mut().take(15).zip(name.bytes()) {
            *to = from as libc::c_char;
        }
        let mut set_address = |code: libc::c_ulong, value: Ipv4Addr, what: &str| {
            let mut inet: libc::sockaddr_in = std::mem::zeroed();
            inet.sin_family = libc::AF_INET as libc::sa_family_t;
            inet.sin_addr.s_addr = u32::from(value).to_be();
            request.ifr_ifru.ifru_addr =
                std::mem::transmute::<libc::sockaddr_in, libc::sockaddr>(inet);
            match libc::ioctl(socket, code as _, &request) {
                0 => Ok(()),
                _ => Err(failed(what)),
            }
        };
        let netmask = Ipv4Addr::from(u32::MAX << (32 - PREFIX_LENGTH));
        set_address(libc::SIOCSIFADDR as _, address, "SIOCSIFADDR")?;
        set_address(libc::SIOCSIFNETMASK as _, netmask, "SIOCSIFNETMASK")?;
        request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
        if libc::ioctl(socket, libc::SIOCSIFFLAGS as _, &request) != 0 {
            return Err(failed("SIOCSIFFLAGS"));
        }
        libc::close(socket);
    }
    Ok(())
}

struct Service {
    handle: SocketHandle,
    port: u16,
}

fn add_service(sockets: &mut SocketSet, port: u16, buffer_bytes: usize) -> Service {
    let ring = || tcp::SocketBuffer::new(vec![0; buffer_bytes]);
    let mut socket = tcp::Socket::new(ring(), ring());
    socket.set_nagle_enabled(false);
    let handle = sockets.add(socket);
    Service { handle, port }
}

/// Moves bytes between a socket and its service; true when anything moved.
fn serve(service: &Service, sockets: &mut SocketSet, source: &[u8]) -> bool {
    let socket = sockets.get_mut::<tcp::Socket>(service.handle);
    if !socket.is_open() {
        return socket.listen(service.port).is_ok();
    }
    let mut moved = false;
    while socket.can_recv() && (service.port != ECHO_PORT || socket.can_send()) {
        let taken = match service.port {
            ECHO_PORT => {
                let mut bytes = [0; ECHO_BUFFER_BYTES];
                let room = socket.send_capacity() - socket.send_queue();
                let limit = room.min(bytes.len());
                let taken = socket.recv_slice(&mut bytes[..limit]).unwrap_or(0);
                socket.send_slice(&bytes[..taken]).unwrap_or(0)
            }
            _ => socket.recv(|bytes| (bytes.len(), bytes.len())).unwrap_or(0),
        };
        moved |= taken > 0;
    }
    if service.port == SOURCE_PORT && socket.can_send() {
        while socket.send_slice(source).unwrap_or(0) > 0 {
            moved = true;
        }
    }
    if !socket.may_recv() && socket.may_send() && socket.state() == tcp::State::CloseWait {
        socket.close();
        moved = true;
    }
    moved
}

fn main() {
    run("smoltcp-server", || {
        let arguments = Arguments::from_environment();
        let tap: String = arguments.required("--tap")?;
        let stack_address: Ipv4Addr = arguments.required("--address")?;
        let host_address: Ipv4Addr = arguments.required("--host-address")?;
        let buffer_bytes: usize = arguments.required("--buffer")?;
        bound_lifetime(arguments.required("--lifetime")?);

        let mut device = TunTapInterface::new(&tap, Medium::Ethernet)
            .map_err(|error| format!("TAP device {tap}: {error}"))?;
        configure_host_side(&tap, host_address)?;
        let mut config = Config::new(EthernetAddress([2, 0, 0, 0, 0, 0x53]).into());
        config.random_seed = u64::from(std::process::id());
        let mut interface = Interface::new(config, &mut device, Instant::now());
        let cidr = IpCidr::new(IpAddress::Ipv4(stack_address), PREFIX_LENGTH);
        interface.update_ip_addrs(|addresses| addresses.push(cidr).expect("one address fits"));

        let mut sockets = SocketSet::new(vec![]);
        let mut services = vec![
            add_service(&mut sockets, DISCARD_PORT, buffer_bytes),
            add_service(&mut sockets, SOURCE_PORT, buffer_bytes),
        ];
        for _ in 0..ECHO_SOCKETS {
            services.push(add_service(&mut sockets, ECHO_PORT, ECHO_BUFFER_BYTES));
        }
        let source = vec![b'm'; SOURCE_BYTES];
        for service in &services {
            serve(service, &mut sockets, &source);
        }
        println!("ready");
        let descriptor = device.as_raw_fd();
        loop {
            interface.poll(Instant::now(), &mut device, &mut sockets);
            let mut moved = false;
            for service in &services {
                moved |= serve(service, &mut sockets, &source);
            }
            if !moved {
                let delay = interface.poll_delay(Instant::now(), &sockets);
                wait(descriptor, delay).map_err(|error| format!("{tap}: {error}"))?;
            }
        }
    });
}
