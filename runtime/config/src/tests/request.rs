//! What a connector asks for, as lines that nothing in it can forge.
use super::*;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

fn lines_of(asked: &Asked) -> Vec<String> {
    Request::of(asked).lines().map(str::to_owned).collect()
}

#[test]
fn a_request_has_one_line_for_each_thing() {
    assert_eq!(
        lines_of(&occum()),
        [
            "by default apiUrl is \"https://api.occum.net\"",
            "reach GET {apiUrl}/v1/*",
            "reach {apiUrl:ws}/v1/ws",
            "use agent",
            "use http",
            "write agentToken into JSON pointer /token of {apiUrl:ws}/v1/ws when /type is \"auth\"",
            "write agentToken into header authorization of GET {apiUrl}/v1/*",
        ]
    );
    assert_eq!(
        lines_of(&relay()),
        [
            "authenticate with webhook",
            "by default gatewayUrl is \"https://gateway.test\"",
            "capture deviceToken from JSON pointer /payload/auth/deviceToken of {gatewayUrl:ws} when /type is \"hello\"",
            "reach {gatewayUrl:ws}",
            "sign text with deviceToken by key \"device\"",
            "sign text with token by key \"device\"",
            "use crypto",
            "use websocket",
        ]
    );
    assert!(Request::default().is_empty() && Request::default().lines().next().is_none());
}

#[test]
fn the_digest_is_that_of_the_lines_as_json() {
    let mut hash = Sha256::new();
    for line in lines_of(&occum()) {
        hash.update(format!("{}\n", serde_json::to_string(&line).unwrap()));
    }
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest(&occum()), format!("sha256:{hex}"));
    // What is on operators' disks stays right.
    assert_eq!(digest(&occum()), "sha256:dc64f299607d18a5689617daf3d9c50b91562a16af20d8f390709e863c241416");
}

#[test]
fn only_what_gives_power_is_in_it() {
    let same = |change: fn(&mut Asked)| {
        let mut asked = occum();
        change(&mut asked);
        assert_eq!(digest(&asked), digest(&occum()));
    };
    same(|asked| asked.id = "other".into());
    same(|asked| asked.urls[0].reason = "for fun".into());
    same(|asked| asked.urls.reverse());
    same(|asked| asked.urls.push(asked.urls[0].clone()));
    same(|asked| asked.secrets[0].places.reverse());
    same(|asked| asked.secrets[0].required = false);
    same(|asked| asked.schema["properties"]["apiUrl"]["description"] = "another".into());
    same(|asked| asked.schema["properties"]["retries"]["default"] = 3.into());
    same(|asked| asked.schema["properties"]["unused"] = json!({"default": "https://evil.test"}));
}

#[test]
fn a_default_counts_wherever_its_key_is_used() {
    let line = "by default x is \"https://x.test\"";
    let bare = Asked { secrets: vec![], urls: vec![], ..occum() };
    let with = |change: fn(&mut Asked)| {
        let mut asked = bare.clone();
        asked.schema["properties"] = json!({"x": {"default": "https://x.test"}});
        change(&mut asked);
        lines_of(&asked).contains(&line.to_owned())
    };
    assert!(!with(|_| {}));
    assert!(with(|asked| asked.urls.push(url("GET {x}/a", ""))));
    assert!(with(|asked| asked.urls.push(url("GET https://{y}.test/{x:ws}", ""))));
    assert!(with(|asked| {
        let places = vec![place("{x}", At::Query("k".into()), vec![])];
        asked.secrets.push(SecretAsk { places, ..secret("t") });
    }));
    assert!(with(|asked| {
        let captures = vec![CaptureAsk { rule: "{x}".into(), at: At::Header("a".into()), when: vec![] }];
        asked.secrets.push(SecretAsk { captures, ..secret("t") });
    }));
}

#[test]
fn tests_have_no_order_and_objects_neither() {
    let mut one = occum();
    let object = |text: &str| JsonTest { pointer: "/a".into(), equals: serde_json::from_str(text).unwrap() };
    one.secrets[0].places[0].when = vec![test("/type", "auth"), object(r#"{"x":[1,null],"b":{}}"#)];
    let mut other = occum();
    other.secrets[0].places[0].when = vec![object(r#"{"b":{},"x":[1,null]}"#), test("/type", "auth")];
    assert_eq!(lines_of(&one), lines_of(&other));
    assert!(lines_of(&one)[5].ends_with(r#" when /a is {"b":{},"x":[1,null]} and /type is "auth""#));
}

#[test]
fn letters_that_only_look_alike_are_shown() {
    let mut asked = occum();
    asked.urls[0].rule = "https://\u{430}pi.occum.net".into();
    asked.secrets[0].name = "\u{202e}nekot\n+ use http".into();
    let lines = lines_of(&asked).join("\n");
    assert!(lines.contains(r#"reach "https://\u0430pi.occum.net""#), "{lines}");
    assert!(lines.contains(r#"write "\u202enekot\u000a+ use http" into JSON pointer /token of"#), "{lines}");
}

/// One thing that a connector can ask for, with texts of its own in it.
#[derive(Clone, Debug, PartialEq)]
enum Thing {
    Use(String),
    Reach(String),
    Write(String, At, String, Vec<(String, Value)>),
    Capture(String, At, String, Vec<(String, Value)>),
    Sign(String, String),
    Authenticate(String),
    Default(String, Value),
}

fn tests_of(when: &[(String, Value)]) -> Vec<JsonTest> {
    let test =
        |(pointer, equals): &(String, Value)| JsonTest { pointer: pointer.clone(), equals: equals.clone() };
    when.iter().map(test).collect()
}

fn asking(thing: &Thing) -> Asked {
    let mut asked = Asked { capabilities: vec![], secrets: vec![], urls: vec![], ..occum() };
    match thing.clone() {
        Thing::Use(name) => asked.capabilities.push(name),
        Thing::Reach(rule) => asked.urls.push(url(&rule, "")),
        Thing::Write(name, at, rule, when) => {
            asked.secrets.push(SecretAsk { places: vec![place(&rule, at, tests_of(&when))], ..secret(&name) })
        }
        Thing::Capture(name, at, rule, when) => {
            let captures = vec![CaptureAsk { rule, at, when: tests_of(&when) }];
            asked.secrets.push(SecretAsk { captures, ..secret(&name) });
        }
        Thing::Sign(name, key) => asked.secrets.push(SecretAsk { signs: vec![key], ..secret(&name) }),
        Thing::Authenticate(name) => asked.secrets.push(SecretAsk { authenticates: true, ..secret(&name) }),
        Thing::Default(key, value) => {
            asked.schema["properties"] = json!({ key.as_str(): { "default": value } });
            asked.urls.push(url(&format!("{{{key}}}"), ""));
        }
    }
    asked
}

/// Reads a line as a person does, from left to right. That every line can be read back to what was asked means that no
/// two things have the same line.
struct Reader<'a>(&'a str);

impl Reader<'_> {
    fn take(&mut self, words: &str) -> bool {
        let rest = self.0.strip_prefix(words);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn json(&mut self) -> Value {
        let mut values = serde_json::Deserializer::from_str(self.0).into_iter::<Value>();
        let value = values.next().unwrap().unwrap();
        self.0 = &self.0[values.byte_offset()..];
        value
    }

    fn word(&mut self) -> String {
        if self.0.starts_with('"') {
            return self.json().as_str().unwrap().to_owned();
        }
        let end = self.0.find(' ').unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        word.to_owned()
    }

    fn rule(&mut self) -> String {
        let methods = self.0.split(' ').next().unwrap();
        let has_methods =
            methods.bytes().all(|b| b.is_ascii_uppercase() || b == b',') && self.0.contains(' ');
        match has_methods && !methods.is_empty() {
            true => format!("{} {}", self.word(), {
                self.take(" ");
                self.word()
            }),
            false => self.word(),
        }
    }

    fn at(&mut self) -> At {
        match () {
            _ if self.take("header ") => At::Header(self.word()),
            _ if self.take("query key ") => At::Query(self.word()),
            _ => {
                assert!(self.take("JSON pointer "), "{}", self.0);
                At::Json(self.word())
            }
        }
    }

    fn when(&mut self) -> Vec<(String, Value)> {
        let mut tests = Vec::new();
        let mut link = " when ";
        while self.take(link) {
            let pointer = self.word();
            assert!(self.take(" is "), "{}", self.0);
            tests.push((pointer, self.json()));
            link = " and ";
        }
        tests
    }

    fn thing(mut self) -> Thing {
        let thing = match () {
            _ if self.take("use ") => Thing::Use(self.word()),
            _ if self.take("reach ") => Thing::Reach(self.rule()),
            _ if self.take("write ") => {
                let (name, _, at, _) = (self.word(), self.take(" into "), self.at(), self.take(" of "));
                Thing::Write(name, at, self.rule(), self.when())
            }
            _ if self.take("capture ") => {
                let (name, _, at, _) = (self.word(), self.take(" from "), self.at(), self.take(" of "));
                Thing::Capture(name, at, self.rule(), self.when())
            }
            _ if self.take("sign text with ") => {
                let (name, _) = (self.word(), self.take(" by key "));
                Thing::Sign(name, self.word())
            }
            _ if self.take("authenticate with ") => Thing::Authenticate(self.word()),
            _ if self.take("by default ") => {
                let (key, _) = (self.word(), self.take(" is "));
                Thing::Default(key, self.json())
            }
            _ => panic!("{}", self.0),
        };
        assert_eq!(self.0, "", "after {thing:?}");
        thing
    }
}

/// Texts made of what lines are made of.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            " ",
            "\n",
            "\"",
            "\\",
            "\t",
            "use http",
            "reach",
            "GET",
            "GET,POST ",
            "{a}",
            "{a:ws}",
            "://",
            "https://h",
            " of ",
            " when ",
            " and ",
            " is ",
            " into ",
            "header",
            "query key",
            "JSON pointer ",
            "/a",
            "\u{202e}",
            "é",
            "\u{1f600}",
            "when",
            "by key \"",
            "+ ",
            "# ",
            "",
            "\u{0}",
            "\u{7f}",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        text().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
        (text(), text()).prop_map(|(key, text)| json!({ key: [text, true] })),
    ]
}

fn at() -> impl Strategy<Value = At> {
    prop_oneof![text().prop_map(At::Header), text().prop_map(At::Query), text().prop_map(At::Json)]
}

fn when() -> impl Strategy<Value = Vec<(String, Value)>> {
    prop::collection::vec((text(), value()), 0..3)
}

fn thing() -> impl Strategy<Value = Thing> {
    prop_oneof![
        text().prop_map(Thing::Use),
        text().prop_map(Thing::Reach),
        (text(), at(), text(), when()).prop_map(|(a, b, c, d)| Thing::Write(a, b, c, d)),
        (text(), at(), text(), when()).prop_map(|(a, b, c, d)| Thing::Capture(a, b, c, d)),
        (text(), text()).prop_map(|(name, key)| Thing::Sign(name, key)),
        text().prop_map(Thing::Authenticate),
        ("[^{}:]{0,8}", value()).prop_map(|(key, value)| Thing::Default(key, value)),
    ]
}

/// The tests of a thing have no order, and each counts once.
fn settled(thing: Thing) -> Thing {
    let sorted = |mut when: Vec<(String, Value)>| {
        when.sort_by_key(|(pointer, value)| (pointer.clone(), value.to_string()));
        when.dedup();
        when
    };
    match thing {
        Thing::Write(a, b, c, when) => Thing::Write(a, b, c, sorted(when)),
        Thing::Capture(a, b, c, when) => Thing::Capture(a, b, c, sorted(when)),
        other => other,
    }
}

#[test]
fn a_rule_that_is_none_is_not_read_as_the_words_behind_it() {
    let (at, auth) = (At::Header("a".into()), vec![("/a".to_owned(), json!("x"))]);
    for rule in ["", "GET", "GET ", "GET when", "{a} when", "when /a is \"x\"", "GET,POST when", " {a}"] {
        for when in [vec![], auth.clone()] {
            let thing = Thing::Write("t".into(), at.clone(), rule.into(), when);
            let asked = asking(&thing);
            let lines = Request::of(&asked);
            assert_eq!(Reader(lines.lines().next().unwrap()).thing(), thing, "{rule}");
        }
    }
}

proptest! {
    #[test]
    fn no_text_of_a_connector_forges_a_line(thing in thing()) {
        let is_default = matches!(thing, Thing::Default(..));
        let lines = lines_of(&asking(&thing));
        let lines: Vec<_> = lines.iter().filter(|line| is_default == line.starts_with("by default ")).collect();
        prop_assert_eq!(lines.len(), 1);
        let line = lines[0].as_str();
        prop_assert!(line.bytes().all(|b| b == b' ' || b.is_ascii_graphic()), "{}", line);
        prop_assert_eq!(settled(Reader(line).thing()), settled(thing), "{}", line);
    }

    #[test]
    fn one_request_is_beyond_another_by_what_is_new(thing in thing()) {
        let before = Request::of(&occum());
        let (mut asked, more) = (occum(), asking(&thing));
        asked.capabilities.extend(more.capabilities);
        asked.urls.extend(more.urls);
        asked.secrets.extend(more.secrets);
        let after = Request::of(&asked);
        let new: Vec<&str> = after.lines().filter(|line| !before.lines().any(|known| known == *line)).collect();
        prop_assert_eq!(after.beyond(&before), new);
        prop_assert!(before.beyond(&after).is_empty());
        prop_assert_eq!(after.digest() == before.digest(), after == before);
    }
}
