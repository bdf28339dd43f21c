//! What the server and the client share: the command line, the limits on their lifetime and the
//! CPU time of a process. Both are started by tests/bench/main.ts and speak one JSON line.

use std::fmt::Display;
use std::str::FromStr;

/// `--name value` pairs of the command line; the error says which one is missing or wrong.
pub struct Arguments(Vec<String>);

impl Arguments {
    pub fn from_environment() -> Arguments {
        Arguments(std::env::args().skip(1).collect())
    }

    pub fn required<T: FromStr>(&self, name: &str) -> Result<T, String>
    where
        T::Err: Display,
    {
        self.optional(name)?.ok_or(format!("{name} is missing"))
    }

    pub fn optional<T: FromStr>(&self, name: &str) -> Result<Option<T>, String>
    where
        T::Err: Display,
    {
        let Some(at) = self.0.iter().position(|word| word == name) else {
            return Ok(None);
        };
        let word = self.0.get(at + 1).ok_or(format!("{name} needs a value"))?;
        word.parse()
            .map(Some)
            .map_err(|error| format!("{name} {word}: {error}"))
    }
}

/// Ends this process with its parent, and at the latest after `seconds`.
pub fn bound_lifetime(seconds: u32) {
    // SAFETY: both calls take plain numbers and touch no memory of ours.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        libc::alarm(seconds);
    }
}

/// CPU seconds of a process with all its threads: (user, system).
pub fn cpu_seconds(pid: u32) -> Result<(f64, f64), String> {
    let path = format!("/proc/{pid}/stat");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    // The second field is the program's name in parentheses and may hold spaces.
    let fields: Vec<&str> = match text.rfind(')') {
        Some(end) => text[end + 1..].split_whitespace().collect(),
        None => return Err(format!("{path}: not the format of proc(5)")),
    };
    // SAFETY: sysconf reads no memory of ours.
    let ticks = unsafe { libc::sysconf(libc::_SC_CLK_TCK) } as f64;
    let field = |index: usize| -> Result<f64, String> {
        let word = fields.get(index).ok_or(format!("{path}: too short"))?;
        word.parse::<f64>()
            .map_err(|error| format!("{path}: {error}"))
    };
    Ok((field(11)? / ticks, field(12)? / ticks))
}

/// Runs `body` and turns its error into one line on stderr and exit code 1.
pub fn run(program: &str, body: impl FnOnce() -> Result<(), String>) {
    if let Err(error) = body() {
        eprintln!("{program}: {error}");
        std::process::exit(1);
    }
}
