//! A process that is killed in the middle of its work, again and again on the same file.
use super::*;
use std::collections::HashSet;
use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

const DIR: &str = "JOURNAL_CRASH_DIR";
const ROUND: &str = "JOURNAL_CRASH_ROUND";
const ROUNDS: usize = 6;

#[tokio::test]
async fn what_was_durable_is_there_after_kill_9() {
    let house = House::new();
    let mut told = HashSet::new();
    for round in 0..ROUNDS {
        told.extend(killed_after(&house, round, 1 + random(400)));
        let journal = house.open();
        assert!(journal.is_whole().await);
        let open = journal.open(&instance("a")).await.unwrap();
        let there: HashSet<_> = open.messages.iter().map(|message| message.ticket.clone()).collect();
        assert!(told.is_subset(&there), "lost: {:?}", told.difference(&there).collect::<Vec<_>>());
        // Each batch whole: a message has its letter, a letter its message.
        let lettered: HashSet<_> = open.letters.iter().map(|letter| letter.id.source.clone()).collect();
        assert_eq!(lettered, there);
    }
    assert!(told.len() > ROUNDS);
}

/// Runs [`the_process_that_is_killed`] until it has told so many tickets; all that it told.
fn killed_after(house: &House, round: usize, tickets: usize) -> Vec<String> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "tests::crash::the_process_that_is_killed", "--nocapture", "--ignored"])
        .env(DIR, house.dir.path())
        .env(ROUND, round.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut told = Vec::new();
    let mut line = String::new();
    while lines.read_line(&mut line).unwrap() > 0 && line.ends_with('\n') {
        told.push(line.trim_end().to_owned());
        if told.len() == tickets {
            child.kill().unwrap();
        }
        line.clear();
    }
    child.wait().unwrap();
    assert!(told.len() >= tickets, "it ended by itself: {told:?}");
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by what_was_durable_is_there_after_kill_9"]
async fn the_process_that_is_killed() {
    let (Ok(dir), Ok(round)) = (env::var(DIR), env::var(ROUND)) else { return };
    let journal = Sqlite::open(dir.as_ref(), Arc::new(ports::clock::epoch_ms)).unwrap();
    let callers =
        (0..16).map(|caller| tokio::spawn(append_for_ever(journal.clone(), format!("{round}-{caller}"))));
    futures::future::join_all(callers.collect::<Vec<_>>()).await;
}

async fn append_for_ever(journal: Sqlite, name: String) {
    for number in 0.. {
        let ticket = format!("{name}-{number}");
        let size = random(9000);
        let accepted = Message { body: vec![7; size], ..message(&ticket, &ticket) };
        journal.write([Record::Accepted(accepted), Record::Letter(letter(&ticket, 0))]).await;
        eprintln!("{ticket}");
    }
}

fn random(below: usize) -> usize {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos() as usize / 7 % below
}
