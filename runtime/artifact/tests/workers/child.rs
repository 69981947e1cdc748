//! What a child of these tests can be asked to do.
use crate::engine;
use artifact::{Fault, Name, compile, input, load, serve};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{Write, stdout};
use std::path::Path;
use std::process::{ExitCode, abort, exit, id};
use std::time::Duration;
use std::{env, fs, thread};
use wasmtime::Store;

pub const WORD: &str = "worker";

pub fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    serve(arguments, |job| {
        let words: Vec<&str> = job.iter().map(|word| word.to_str().unwrap()).collect();
        work(&words)
    })
}

fn work(job: &[&str]) -> Result<Vec<u8>, Fault> {
    match job {
        ["compile"] => compile(&engine(), &input()?),
        ["load", folder, name] => run(folder, name),
        ["echo"] => input(),
        ["about"] => Ok(about().into_bytes()),
        ["refuse", why] => Err(Fault::Component((*why).into())),
        ["fail", why] => Err(Fault::Worker((*why).into())),
        ["panic", why] => panic!("{why}"),
        ["abort", why] => {
            eprintln!("{why}");
            abort()
        }
        ["exit", code] => exit(code.parse().unwrap()),
        ["overflow"] => Ok(vec![deeper(&mut [0; 1024])]),
        ["hoard"] => {
            let mut hoard = Vec::new();
            loop {
                hoard.push(vec![1_u8; 1 << 20]);
            }
        }
        ["spin"] => loop {
            std::hint::spin_loop();
        },
        ["sleep", ms] => {
            thread::sleep(Duration::from_millis(ms.parse().unwrap()));
            Ok(Vec::new())
        }
        ["say-and-stay", what] => {
            eprintln!("{what}");
            work(&["sleep", "60000"])
        }
        // Tells who it is in a file, then stays.
        ["stay", path] => {
            let draft = format!("{path}.draft");
            fs::write(&draft, id().to_string()).unwrap();
            fs::rename(&draft, path).unwrap();
            loop {
                thread::sleep(Duration::from_secs(1000));
            }
        }
        // Wrong when another is at it.
        ["alone", path, ms] => {
            fs::File::create_new(path).expect("another is at it");
            thread::sleep(Duration::from_millis(ms.parse().unwrap()));
            fs::remove_file(path).unwrap();
            Ok(Vec::new())
        }
        ["answer", bytes] => Ok(vec![b'x'; bytes.parse().unwrap()]),
        ["answer-for-ever"] => loop {
            stdout().write_all(&[b'x'; 4096]).unwrap();
        },
        ["say-for-ever"] => loop {
            eprintln!("word");
        },
        // Both pipes full before it reads anything.
        ["backwards"] => {
            (0..100_000).for_each(|_| eprint!("w"));
            stdout().write_all(&[b'x'; 1 << 20]).unwrap();
            input()
        }
        ["write", path, bytes] => {
            fs::write(path, vec![0; bytes.parse().unwrap()]).unwrap();
            Ok(Vec::new())
        }
        _ => Err(Fault::Worker(format!("no such job: {job:?}"))),
    }
}

/// What a child that describes does with an artefact: loads and instantiates it.
fn run(folder: &str, name: &str) -> Result<Vec<u8>, Fault> {
    let engine = engine();
    let name: Name = name.parse().map_err(|error| Fault::Worker(format!("{error}")))?;
    let component = load(Path::new(folder), &engine, &name);
    let component = component.map_err(|error| Fault::Worker(error.to_string()))?;
    let linker = wasmtime::component::Linker::new(&engine);
    linker
        .instantiate(&mut Store::new(&engine, ()), &component)
        .map_err(|error| Fault::Component(format!("{error:#}")))?;
    Ok(b"ran".to_vec())
}

fn about() -> String {
    let mut out = String::new();
    for (key, value) in env::vars() {
        writeln!(out, "env {key}={value}").unwrap();
    }
    writeln!(out, "folder {}", env::current_dir().unwrap().display()).unwrap();
    for fd in fs::read_dir("/proc/self/fd").unwrap() {
        let path = fd.unwrap().path();
        // Not the one with which this list is read.
        if let Ok(target) = fs::read_link(&path)
            && !target.starts_with("/proc")
        {
            writeln!(out, "open {} {}", path.file_name().unwrap().display(), target.display()).unwrap();
        }
    }
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let stat: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    writeln!(out, "group {}\nnice {}", stat[2] == id().to_string(), stat[16]).unwrap();
    out + &fs::read_to_string("/proc/self/limits").unwrap()
}

#[expect(unconditional_recursion)]
fn deeper(frame: &mut [u8; 1024]) -> u8 {
    let mut next = *frame;
    next[0] = deeper(&mut next);
    next[1]
}
