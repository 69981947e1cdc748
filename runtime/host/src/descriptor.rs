//! What a component says of itself, checked: it is untrusted, and it names things that end up in paths, grants and
//! tables.
use config::{Asked, CaptureAsk, PlaceAsk, Request, SecretAsk, UrlAsk};
use contract::Offers;
use engine::{Limits, Walls, wit};
use ports::identity::InstanceId;
use ports::json_test::JsonTest;
use ports::keys::MAX_NAME_BYTES;
use ports::log_budget::printable;
use ports::secret::At;
use serde_json::Value;
use std::time::Duration;

/// The limits that `lifecycle.wit` promises.
const LABEL_CHARS: usize = 64;
const SCHEMA_BYTES: usize = 64 << 10;
const MOST_TOOLS: usize = 64;
/// Of one tool's schema; the largest that we know has 1 KiB.
const ARGUMENTS_BYTES: usize = 16 << 10;
/// The tool that sends through any connector.
pub const RESERVED_TOOL: &str = "send_message";
/// The argument that says which account is meant, where several offer a tool.
pub const RESERVED_ARGUMENT: &str = "account";
const MOST_COMMANDS: usize = 32;
const MOST_CAPTURES: usize = 16;
const MOST_TESTS: usize = 8;
/// Of the request that an operator has to read. The largest that we know has 20 lines.
const MOST_LINES: usize = 256;
const MOST_LINE_BYTES: usize = 32 << 10;
/// Of lists for which the WIT says none.
const MOST_REQUESTS: usize = 64;
const TEXT_BYTES: usize = 1 << 10;

#[derive(Debug)]
pub struct Described {
    pub label: String,
    pub version: String,
    pub asked: Asked,
    pub tools: Vec<Offer>,
    pub commands: Vec<Offer>,
}

#[derive(Clone, Debug)]
pub struct Offer {
    pub name: String,
    pub description: String,
    /// Of a tool: JSON Schema of an object, as JSON text. Of a command: empty.
    pub arguments: String,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("its descriptor is wrong: {field}: {why}")]
pub struct BadDescriptor {
    field: String,
    why: String,
}

/// What every connector may have: it reaches nothing and nobody.
const HARMLESS: [&str; 5] = ["lifecycle", "log", "secrets", "status", "types"];

/// Imports of our package that need a grant, by their plain names.
fn capabilities(imports: &[String]) -> Vec<String> {
    let name = |import: &String| {
        let plain = import.strip_prefix("connector:runtime/")?.split('@').next()?;
        (!HARMLESS.contains(&plain)).then(|| plain.to_owned())
    };
    let mut names: Vec<String> = imports.iter().filter_map(name).collect();
    names.sort();
    names
}

/// Within which a component says who it is: once, before anybody could set limits of its own. An interpreter takes more
/// memory and time to begin than a handler may.
pub fn limits() -> Limits {
    let walls = Walls { memory_bytes: 128 << 20, table_elements: 1 << 20, ..Walls::default() };
    Limits { walls, cpu: Duration::from_millis(200), ..Limits::default() }
}

impl Described {
    pub fn offers(&self) -> Offers {
        let names = |offers: &[Offer]| offers.iter().map(|offer| offer.name.clone()).collect();
        Offers { tools: names(&self.tools), commands: names(&self.commands) }
    }
}

/// # Errors
/// [`BadDescriptor`], with the field.
pub fn check(said: wit::Descriptor, imports: &[String]) -> Result<Described, BadDescriptor> {
    InstanceId::new("default", &said.id, "default").map_err(|error| bad("id", error))?;
    if said.label.chars().count() > LABEL_CHARS {
        return Err(bad("label", format!("over {LABEL_CHARS} characters")));
    }
    if said.config_schema.len() > SCHEMA_BYTES {
        return Err(bad("config-schema", format!("over {SCHEMA_BYTES} bytes")));
    }
    few("secrets", said.secrets.len(), MOST_REQUESTS)?;
    few("urls", said.urls.len(), MOST_REQUESTS)?;
    few("tools", said.tools.len(), MOST_TOOLS)?;
    few("commands", said.commands.len(), MOST_COMMANDS)?;
    let schema: Value =
        serde_json::from_str(&said.config_schema).map_err(|error| bad("config-schema", error))?;
    let tool = |tool: wit::Tool| {
        let mut named = offer("tools", tool.name, tool.description, |b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'
        })?;
        arguments_fit(&tool.arguments).map_err(|why| bad(&format!("tools.{}.arguments", named.name), why))?;
        if named.name == RESERVED_TOOL {
            return Err(bad(&format!("tools.{RESERVED_TOOL}"), "the runtime has a tool of this name itself"));
        }
        named.arguments = tool.arguments;
        Ok(named)
    };
    let command = |command: wit::Command| {
        offer("commands", command.name, command.description, |b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'
        })
    };
    let described = Described {
        label: printable(&said.label, TEXT_BYTES),
        version: printable(&said.version, LABEL_CHARS),
        asked: Asked {
            id: said.id,
            capabilities: capabilities(imports),
            schema,
            secrets: secrets(said.secrets)?,
            urls: said.urls.into_iter().map(url).collect(),
        },
        tools: said.tools.into_iter().map(tool).collect::<Result<_, _>>()?,
        commands: said.commands.into_iter().map(command).collect::<Result<_, _>>()?,
    };
    let mut names: Vec<&str> = described.tools.iter().map(|tool| tool.name.as_str()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|two| two[0] == two[1]) {
        return Err(bad(&format!("tools.{}", twice[0]), "offered twice"));
    }
    let request = Request::of(&described.asked);
    let (lines, bytes) = (request.lines().count(), request.lines().map(str::len).sum::<usize>());
    match lines <= MOST_LINES && bytes <= MOST_LINE_BYTES {
        true => Ok(described),
        false => {
            let most = format!("{MOST_LINES} lines and {MOST_LINE_BYTES} bytes are possible");
            Err(bad("what it asks for", format!("{lines} lines, {bytes} bytes; {most}")))
        }
    }
}

/// What every client of tools can read: one schema that it cannot read loses it the others' tools too.
fn arguments_fit(schema: &str) -> Result<(), String> {
    if schema.len() > ARGUMENTS_BYTES {
        return Err(format!("over {ARGUMENTS_BYTES} bytes"));
    }
    let Ok(Value::Object(schema)) = serde_json::from_str(schema) else {
        return Err("not a JSON Schema object".into());
    };
    if schema.get("type").is_none_or(|kind| kind != "object") {
        return Err("its type must be \"object\"".into());
    }
    let properties = schema.get("properties");
    let are_objects = |properties: &Value| {
        properties.as_object().is_some_and(|properties| properties.values().all(Value::is_object))
    };
    if !properties.is_none_or(are_objects) {
        return Err("properties must be an object of objects".into());
    }
    if properties.is_some_and(|properties| properties.get(RESERVED_ARGUMENT).is_some()) {
        return Err(format!("{RESERVED_ARGUMENT:?} is the runtime's: it says which account is meant"));
    }
    let are_names = |names: &Value| names.as_array().is_some_and(|names| names.iter().all(Value::is_string));
    match schema.get("required").is_none_or(are_names) {
        true => Ok(()),
        false => Err("required must be a list of names".into()),
    }
}

fn url(asked: wit::UrlRequest) -> UrlAsk {
    UrlAsk { rule: printable(&asked.rule, TEXT_BYTES), reason: printable(&asked.reason, TEXT_BYTES) }
}

fn secrets(asked: Vec<wit::SecretRequest>) -> Result<Vec<SecretAsk>, BadDescriptor> {
    let mut secrets: Vec<SecretAsk> = Vec::new();
    for asked in asked {
        let asked = secret(asked)?;
        if secrets.iter().any(|known| known.name == asked.name) {
            return Err(bad(&format!("secrets.{}", asked.name), "asked for twice"));
        }
        secrets.push(asked);
    }
    Ok(secrets)
}

fn secret(asked: wit::SecretRequest) -> Result<SecretAsk, BadDescriptor> {
    let field = format!("secrets.{}", printable(&asked.name, LABEL_CHARS));
    if !(1..=LABEL_CHARS).contains(&asked.name.len())
        || !asked.name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    {
        return Err(bad(&field, "a secret's name has 1 to 64 characters of a-z, A-Z, 0-9, '_' and '-'"));
    }
    few(&field, asked.places.len(), MOST_REQUESTS)?;
    few(&field, asked.captures.len(), MOST_CAPTURES)?;
    few(&field, asked.signs.len(), MOST_CAPTURES)?;
    if asked.required && !asked.captures.is_empty() {
        return Err(bad(&field, "a secret that arrives cannot be required"));
    }
    if let Some(name) = asked.signs.iter().find(|name| !is_key_name(name)) {
        return Err(bad(&field, format!("{:?} is not the name of a key", printable(name, LABEL_CHARS))));
    }
    Ok(SecretAsk {
        places: asked.places.into_iter().map(|asked| place(&field, asked)).collect::<Result<_, _>>()?,
        captures: asked.captures.into_iter().map(|asked| capture(&field, asked)).collect::<Result<_, _>>()?,
        name: asked.name,
        required: asked.required,
        signs: asked.signs,
        authenticates: asked.authenticates,
    })
}

fn is_key_name(name: &str) -> bool {
    (1..=MAX_NAME_BYTES).contains(&name.len()) && !name.contains(char::is_control)
}

fn capture(field: &str, asked: wit::CaptureRequest) -> Result<CaptureAsk, BadDescriptor> {
    if matches!(asked.at, wit::Place::Query(_)) {
        return Err(bad(field, "nothing arrives in a query key"));
    }
    let wit::CaptureRequest { rule, at, when } = asked;
    let PlaceAsk { rule, at, when } = place(field, wit::PlaceRequest { rule, at, when })?;
    Ok(CaptureAsk { rule, at, when })
}

fn place(field: &str, asked: wit::PlaceRequest) -> Result<PlaceAsk, BadDescriptor> {
    few(field, asked.when.len(), MOST_TESTS)?;
    let at = contract::at(asked.at).map_err(|error| bad(field, error))?;
    // As the operator's file has it: the whole document cannot be a secret, nor can nothing.
    let is_place = match &at {
        At::Header(name) => {
            let plain =
                |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&b);
            !name.is_empty() && name.bytes().all(plain)
        }
        At::Query(key) => !key.is_empty(),
        At::Json(pointer) => {
            !pointer.is_empty() && pointer.split('~').skip(1).all(|after| after.starts_with(['0', '1']))
        }
    };
    if !is_place {
        return Err(bad(field, format!("{at} is not a place")));
    }
    let test = |test| contract::json_test(test).map_err(|error| bad(field, error));
    let when: Vec<JsonTest> = asked.when.into_iter().map(test).collect::<Result<_, _>>()?;
    Ok(PlaceAsk { rule: printable(&asked.rule, TEXT_BYTES), at, when })
}

fn offer(
    list: &str,
    name: String,
    description: String,
    allowed: fn(u8) -> bool,
) -> Result<Offer, BadDescriptor> {
    match (1..=LABEL_CHARS).contains(&name.len()) && name.bytes().all(allowed) {
        true => {
            let description = printable(&description, 4 * TEXT_BYTES);
            Ok(Offer { name, description, arguments: String::new() })
        }
        false => {
            Err(bad(list, format!("{:?} is not a name; see lifecycle.wit", printable(&name, LABEL_CHARS))))
        }
    }
}

fn few(field: &str, count: usize, most: usize) -> Result<(), BadDescriptor> {
    match count <= most {
        true => Ok(()),
        false => Err(bad(field, format!("{count} entries; {most} are possible"))),
    }
}

fn bad(field: &str, why: impl ToString) -> BadDescriptor {
    BadDescriptor { field: field.into(), why: printable(&why.to_string(), TEXT_BYTES) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> wit::Descriptor {
        wit::Descriptor {
            id: "imp".into(),
            label: "Imp".into(),
            version: "0.1.0".into(),
            config_schema: r#"{"type":"object","additionalProperties":false}"#.into(),
            hints: vec![],
            secrets: vec![],
            urls: vec![],
            tools: vec![],
            commands: vec![],
        }
    }

    #[test]
    fn each_bad_field_is_named() {
        assert!(check(good(), &[]).is_ok());
        type Spoil = fn(&mut wit::Descriptor);
        let cases: [(&str, Spoil); 5] = [
            ("id", |d| d.id = "../up".into()),
            ("label", |d| d.label = "x".repeat(65)),
            ("config-schema", |d| d.config_schema = "{".into()),
            ("tools", |d| {
                d.tools.push(wit::Tool {
                    name: "Bad Name".into(),
                    description: String::new(),
                    arguments: "{}".into(),
                })
            }),
            ("commands", |d| {
                d.commands = vec![wit::Command { name: "x".into(), description: String::new() }; 33]
            }),
        ];
        for (field, break_it) in cases {
            let mut said = good();
            break_it(&mut said);
            assert_eq!(check(said, &[]).unwrap_err().field, field);
        }
    }
}
