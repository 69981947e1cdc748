//! The client against far ends on loopback and in memory, nasty ones among them.
mod answers;
mod arrivals;
mod deadlines;
mod far;
mod redirects;
mod reuse;
mod secrets;

use super::*;
use far::{Far, Peer, Plain, Scripted};
use ports::dial::Dial;
use ports::reach::Reach;
use ports::secret::{At, Capture, Entry, Fill, Form, Place, Secret, Vault};
use std::sync::Arc;
use std::time::Duration;

fn client(dial: impl Dial, rules: &[&str]) -> Client {
    client_with(dial, rules, Vault::default(), Limits::default())
}

fn client_with(dial: impl Dial, rules: &[&str], vault: Vault, limits: Limits) -> Client {
    let rules = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    let reach = Reach { rules };
    Client::new(Arc::new(dial), Arc::new(reach), Arc::new(vault), limits)
}

fn get(url: &str) -> Request {
    Request::new("GET", url)
}

fn post(url: &str, body: &str) -> Request {
    Request { body: Some(body.into()), ..Request::new("POST", url) }
}

fn text(response: &Response) -> &str {
    std::str::from_utf8(&response.body).unwrap()
}

const CANARY: &str = "c4nary/\"value";

/// One secret, `token`, whose value is [`CANARY`].
fn vault(places: &[(&str, At)]) -> Vault {
    let place =
        |(url, at): &(&str, At)| Place { url: url.parse().unwrap(), at: at.clone(), when: Vec::new() };
    let places = places.iter().map(place).collect();
    Vault::new([("token".into(), entry(places))].into())
}

fn entry(places: Vec<Place>) -> Entry {
    Entry { value: Some(Secret::new(CANARY.into())), places, ..Entry::default() }
}

fn fill(at: At) -> Fill {
    Fill { secret: "token".into(), at, form: Form::Raw }
}

fn header(name: &str) -> At {
    At::Header(name.into())
}
