//! What comes of a child, seen by its parent.
use crate::{AMPLE, tests, wait, workers};
use artifact::{Bounds, WorkerError, Workers};
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::time::{Duration, Instant};
use tempfile::TempDir;

tests! {
    an_answer_is_what_the_child_wrote
    full_pipes_do_not_wait_for_each_other
    a_child_that_does_not_read_holds_nobody_up
    a_refusal_is_the_childs_own_words_in_one_printable_line
    a_fault_of_ours_is_no_refusal
    a_crash_is_told_with_its_last_words
    a_child_that_takes_too_long_is_killed
    a_child_that_takes_too_much_memory_ends
    a_child_that_answers_too_much_is_killed
    a_child_that_says_too_much_is_killed
    no_more_are_at_work_than_may_be_and_waiting_costs_no_time
    a_child_gets_no_environment_no_files_and_few_rights
    what_cannot_be_started_is_said_so
    a_program_without_limits_does_nothing
}

fn run(bounds: Bounds, job: &[&str], input: &[u8]) -> Result<Vec<u8>, WorkerError> {
    wait(workers(bounds).run(job, input, 32 << 20))
}

fn an_answer_is_what_the_child_wrote() {
    assert_eq!(run(AMPLE, &["echo"], b"").unwrap(), b"");
    let large: Vec<u8> = (0..20_000_000_u32).map(|at| (at / 7) as u8).collect();
    assert!(run(AMPLE, &["echo"], &large).unwrap() == large);
}

fn full_pipes_do_not_wait_for_each_other() {
    let answer = run(AMPLE, &["backwards"], &vec![b'y'; 4 << 20]).unwrap();
    assert_eq!(answer.len(), (1 << 20) + (4 << 20));
}

fn a_child_that_does_not_read_holds_nobody_up() {
    let large = vec![0; 8 << 20];
    assert_eq!(run(AMPLE, &["answer", "3"], &large).unwrap(), b"xxx");
    let short = Bounds { time: Duration::from_millis(500), ..AMPLE };
    assert!(matches!(run(short, &["sleep", "60000"], &large), Err(WorkerError::Time(_))));
}

fn a_refusal_is_the_childs_own_words_in_one_printable_line() {
    let Err(WorkerError::Refused(why)) = run(AMPLE, &["refuse", "no\n\x1b[2Jcomponent"], b"") else {
        panic!()
    };
    assert_eq!(why, "no\\n\\u{1b}[2Jcomponent");
    let Err(WorkerError::Refused(why)) = run(AMPLE, &["refuse", &"ä".repeat(50_000)], b"") else { panic!() };
    assert!(why.len() < 1100, "{}", why.len());
}

fn a_fault_of_ours_is_no_refusal() {
    let Err(WorkerError::Crashed { end, said }) = run(AMPLE, &["fail", "no key"], b"") else { panic!() };
    assert_eq!((end.code(), &*said), (Some(1), "no key"));
    let Err(WorkerError::Crashed { end, said }) = run(AMPLE, &["exit", "3"], b"") else { panic!() };
    assert_eq!((end.code(), &*said), (Some(3), ""));
}

fn a_crash_is_told_with_its_last_words() {
    let told = |job: &[&str]| run(AMPLE, job, b"").unwrap_err().to_string();
    let panicked = told(&["panic", "at the\ndisco"]);
    assert!(
        panicked.starts_with("the process that worked on it broke (exit status: 101): thread"),
        "{panicked}"
    );
    assert!(panicked.ends_with("at the; disco"), "{panicked}");
    let aborted = told(&["abort", "last words"]);
    assert!(aborted.contains("SIGABRT") && aborted.ends_with(": last words"), "{aborted}");
    let overflowed = told(&["overflow"]);
    assert!(overflowed.contains("has overflowed its stack"), "{overflowed}");
}

fn a_child_that_takes_too_long_is_killed() {
    let bounds = Bounds { time: Duration::from_millis(300), ..AMPLE };
    for job in [&["sleep", "60000"][..], &["spin"]] {
        let begun = Instant::now();
        assert!(matches!(run(bounds, job, b""), Err(WorkerError::Time(time)) if time == bounds.time));
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}

fn a_child_that_takes_too_much_memory_ends() {
    let bounds = Bounds { memory_bytes: 64 << 20, ..AMPLE };
    let error = run(bounds, &["hoard"], b"").unwrap_err();
    assert!(matches!(error, WorkerError::Memory(bytes) if bytes == 64 << 20), "{error}");
    assert_eq!(error.to_string(), "it needed more than 64 MiB of memory");
    assert!(matches!(run(bounds, &["echo"], &vec![0; 100 << 20]), Err(WorkerError::Memory(_))));
    assert!(run(bounds, &["echo"], &vec![0; 10 << 20]).is_ok());
    let bounds = Bounds { time: Duration::from_millis(500), ..bounds };
    let stuck = run(bounds, &["say-and-stay", "memory allocation of 8 bytes failed"], b"");
    assert!(matches!(stuck, Err(WorkerError::Memory(_))));
}

fn a_child_that_answers_too_much_is_killed() {
    let answer = |job: &[&str], most| wait(workers(AMPLE).run(job, b"", most));
    assert_eq!(answer(&["answer", "1000"], 1000).unwrap().len(), 1000);
    assert!(matches!(answer(&["answer", "1001"], 1000), Err(WorkerError::Output(1000))));
    assert!(matches!(answer(&["answer-for-ever"], 1 << 20), Err(WorkerError::Output(_))));
}

fn a_child_that_says_too_much_is_killed() {
    assert!(matches!(run(AMPLE, &["say-for-ever"], b""), Err(WorkerError::Output(_))));
}

fn no_more_are_at_work_than_may_be_and_waiting_costs_no_time() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("lock");
    let bounds = Bounds { time: Duration::from_secs(2), at_once: 1, ..AMPLE };
    let workers = workers(bounds);
    let job = [OsStr::new("alone"), path.as_os_str(), OsStr::new("800")];
    let (one, two, three) = wait(async {
        tokio::join!(workers.run(&job, b"", 0), workers.run(&job, b"", 0), workers.run(&job, b"", 0))
    });
    for done in [one, two, three] {
        done.unwrap();
    }
}

fn a_child_gets_no_environment_no_files_and_few_rights() {
    // What a host has open, and does not know of.
    let folder = TempDir::new().unwrap();
    let _file = std::fs::File::create(folder.path().join("open")).unwrap();
    let _socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let bounds = Bounds { time: Duration::from_secs(60), memory_bytes: 256 << 20, at_once: 1 };
    let about = String::from_utf8(run(bounds, &["about"], b"").unwrap()).unwrap();
    let all = |kind: &str| about.lines().filter(|line| line.starts_with(kind)).collect::<Vec<_>>();
    let threads = std::thread::available_parallelism().unwrap().get().min(8);
    assert_eq!(all("env "), [format!("env RAYON_NUM_THREADS={threads}")]);
    assert_eq!(all("folder "), ["folder /"]);
    // What whoever started us left open, such as a pipe of the shell's, is open in the child too. What we open is not.
    let open = all("open ");
    assert!(
        (0..3).all(|fd| open.iter().any(|line| line.starts_with(&format!("open {fd} pipe:")))),
        "{open:?}"
    );
    assert!(!open.iter().any(|line| line.contains("socket:") || line.ends_with("/open")), "{open:?}");
    assert_eq!(all("group "), ["group true"], "Ctrl-C is not for it");
    let ours = std::fs::read_to_string("/proc/self/stat").unwrap();
    let ours: i32 = ours.rsplit(')').next().unwrap().split_whitespace().nth(16).unwrap().parse().unwrap();
    assert_eq!(all("nice "), [format!("nice {}", (ours + 10).min(19))]);
    let limit = |name: &str| -> Vec<u64> {
        let line = about.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].split_whitespace().take(2).map(|number| number.parse().unwrap()).collect()
    };
    let seconds = 61 * threads as u64;
    assert_eq!(limit("Max cpu time"), [seconds, seconds + 1]);
    assert_eq!(limit("Max data size"), [256 << 20; 2]);
    assert_eq!(limit("Max file size"), [256 << 20; 2]);
    assert_eq!(limit("Max core file size"), [0; 2]);
    assert_eq!(limit("Max stack size"), [8 << 20; 2]);
    assert_eq!(limit("Max open files"), [64; 2]);
}

fn what_cannot_be_started_is_said_so() {
    let none = Workers::new("/no/such/program".into(), Vec::new(), AMPLE);
    let error = wait(none.run(&["echo"], b"", 0)).unwrap_err();
    assert!(matches!(error, WorkerError::Start(source) if source.kind() == ErrorKind::NotFound));
}

fn a_program_without_limits_does_nothing() {
    let program = artifact::this_program().unwrap();
    let done =
        std::process::Command::new(program).args([crate::child::WORD, "answer", "3"]).output().unwrap();
    assert_eq!((done.status.code(), done.stdout.len()), (Some(1), 0));
}
