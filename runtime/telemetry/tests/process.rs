//! The log of a whole process: this test starts itself as one.
use serde_json::Value;
use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tracing::level_filters::LevelFilter;

const LINES: &str = "TELEMETRY_TEST_LINES";

const PATIENCE: Duration = Duration::from_secs(60);

/// What the process does: writes lines, panics in between, and says on standard output how long that took.
#[test]
#[ignore = "the process that the others start"]
fn process() {
    let lines: u32 = env::var(LINES).expect("started by the others only").parse().unwrap();
    // If it is held up after all, the one who waits for it shall see it fail.
    std::thread::spawn(|| {
        std::thread::sleep(PATIENCE);
        std::process::exit(3);
    });
    let began = Instant::now();
    let logs = telemetry::init();
    let _closing = logs.closing();
    let level = LevelFilter::current();
    for line in 0..lines {
        tracing::info!(connector = "t/c/a", line, "{}", "x".repeat(1000));
    }
    std::thread::spawn(|| panic!("oh\nno")).join().unwrap_err();
    let (ms, kept) = (began.elapsed().as_millis(), logs.recent(Some("t/c/a"), 1000).len());
    println!("told level={level} ms={ms} lost={} kept={kept}", logs.lost());
    std::io::stdout().flush().unwrap();
}

fn start(lines: u32) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "process", "--ignored", "--nocapture"]).env(LINES, lines.to_string());
    command.env_remove("RUNTIME_LOG").env("RUST_BACKTRACE", "0");
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn told(child: &mut Child) -> String {
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    out[out.find("told ").expect("it came that far")..].lines().next().unwrap().into()
}

#[test]
fn standard_error_that_nobody_reads_holds_up_neither_the_process_nor_its_end() {
    let mut child = start(20_000);
    let mut stuck = child.stderr.take().unwrap();
    let began = Instant::now();
    let told = told(&mut child);
    assert!(child.wait().unwrap().success());
    assert!(began.elapsed() < PATIENCE, "{told}");
    let lost: u32 = told.split_once("lost=").unwrap().1.split(' ').next().unwrap().parse().unwrap();
    assert!(lost > 10_000 && told.starts_with("told level=info ") && told.ends_with("kept=200"), "{told}");
    let mut written = String::new();
    stuck.read_to_string(&mut written).unwrap();
    assert!(!written.is_empty());
}

#[test]
fn standard_error_that_is_read_has_all_of_it_at_the_end() {
    // More than a pipe takes; it is read only when the process waits for that at its end.
    let mut child = start(3000);
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let told = out.find(|line| line.contains("told ")).expect("it came that far");
    assert!(told.contains("lost=0"), "{told}");
    let mut written = String::new();
    child.stderr.take().unwrap().read_to_string(&mut written).unwrap();
    assert!(child.wait().unwrap().success());
    let lines: Vec<Value> = written.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert_eq!(lines.len(), 3001);
    assert_eq!((&lines[2999]["line"], &lines[2999]["connector"]), (&2999.into(), &"t/c/a".into()));
    assert_eq!((&lines[3000]["message"], &lines[3000]["level"]), (&"panic: oh\\nno".into(), &"ERROR".into()));
    assert!(lines[3000]["place"].as_str().unwrap().contains("process.rs"));
}
