//! A small connector in text, with holes for what is bad about it.
use anyhow::Context;
use std::ffi::OsStr;
use std::path::Path;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, SourceMap, UnresolvedPackageGroup};

/// Of everything in `wit/`.
const VERSION: &str = "0.1.0";

/// Of the interfaces that the template speaks.
pub const LIFECYCLE: &str = "connector:runtime/lifecycle@0.1.0";
pub const TIMERS: &str = "connector:runtime/timers@0.1.0";
pub const TIMERS_HANDLER: &str = "connector:runtime/timers-handler@0.1.0";

/// What a callback answers: the task is done; again, after others; when something of this set happened (in the upper
/// 28 bits).
pub const EXIT: &str = "(i32.const 0)";
pub const YIELD: &str = "(i32.const 1)";

/// Waits for a set with nothing in it.
pub const WAIT: &str = "(i32.or (i32.const 2) (i32.shl (call $waitable_set_new) (i32.const 4)))";
/// The same without leaving the function.
pub const WAIT_HERE: &str = "(drop (call $waitable_set_wait (call $waitable_set_new) (i32.const 3072)))";

/// Never ends, and never asks anybody.
pub const SPIN: &str = "(loop $ever (br $ever)) unreachable";

/// Half a second of CPU or more: more than a session gives in one turn, less than `describe` gets.
pub const A_WHILE: &str = "(local $left i64) (local.set $left (i64.const 1500000000))
    (loop $more
        (local.set $left (i64.sub (local.get $left) (i64.const 1)))
        (br_if $more (i64.ne (local.get $left) (i64.const 0))))";

/// Where the descriptor record lies; its strings lie behind it.
const DESCRIPTOR: usize = 64;
const DESCRIPTOR_BYTES: usize = 72;
/// Free for a case: 1 KiB from here.
pub const SCRATCH: usize = 2048;
/// Given out by the allocator, upwards from here.
const HEAP: usize = 4096;

const SCHEMA: &str = r#"{"type":"object","additionalProperties":false}"#;

/// Where the `async func` `start` is lifted, and how.
pub enum Lift {
    /// With a callback: what runs at the call, and what runs at each event. Both answer a code such as [`EXIT`].
    Async { enter: String, callback: String },
    /// As if it were not async: answers the address of the result, which `post` is given afterwards.
    Sync { body: String, post: String },
}

/// Everything is text of the core module, in the folded or the plain form.
pub struct Guest {
    pub name: &'static str,
    /// Of the package `connector:runtime`.
    pub version: &'static str,
    /// Something in its text, and what stands there instead.
    pub swap: (&'static str, &'static str),
    /// A further package.
    pub package: &'static str,
    /// Lines of the world, before `export lifecycle`.
    pub world: String,
    pub imports: String,
    pub memory: String,
    /// Body of `cabi_realloc(old, old_bytes, align, bytes)`.
    pub realloc: String,
    /// Body; answers the address of the descriptor.
    pub describe: String,
    pub describe_post: String,
    /// Functions that stand for `describe` and its post-return, instead of the two above.
    pub describe_whole: Option<String>,
    pub start: Lift,
    /// A function that stands for `start`, instead of the one above.
    pub start_whole: Option<String>,
    /// Enter and callback.
    pub stop: [String; 2],
    /// Functions, tables and whatever else.
    pub more: String,
}

impl Guest {
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            version: VERSION,
            swap: ("", ""),
            package: "",
            world: String::new(),
            imports: String::new(),
            memory: "(memory (export \"memory\") 1)".into(),
            realloc: "(call $alloc (local.get $bytes))".into(),
            describe: "(i32.const 64)".into(),
            describe_post: String::new(),
            describe_whole: None,
            start_whole: None,
            start: Lift::Async { enter: format!("(call $start_ok) {EXIT}"), callback: "unreachable".into() },
            stop: [format!("(call $stop_return) {EXIT}"), "unreachable".into()],
            more: String::new(),
        }
    }

    /// At the call of `start`, and when an event for it comes.
    pub fn start(mut self, enter: &str, callback: &str) -> Self {
        self.start = Lift::Async { enter: enter.into(), callback: callback.into() };
        self
    }

    /// Before anything else that `start` does.
    pub fn first(mut self, text: &str) -> Self {
        match &mut self.start {
            Lift::Async { enter: body, .. } | Lift::Sync { body, .. } => body.insert_str(0, text),
        }
        self
    }

    pub fn describe(mut self, body: &str) -> Self {
        self.describe = body.into();
        self
    }

    /// `describe` lifted as async.
    pub fn async_describe(mut self, enter: &str, callback: &str) -> Self {
        self.describe_whole = Some(format!(
            r#"(func (export "[async-lift]{LIFECYCLE}#describe") (result i32) {enter})
        (func (export "[callback][async-lift]{LIFECYCLE}#describe") (param i32 i32 i32) (result i32) {callback})"#
        ));
        self
    }

    pub fn realloc(mut self, body: &str) -> Self {
        self.realloc = body.into();
        self
    }

    /// In a core start function, which runs when the module is instantiated.
    pub fn at_birth(self, body: &str) -> Self {
        self.more(&format!("(start $birth) (func $birth {body})"))
    }

    pub fn more(mut self, more: &str) -> Self {
        self.more += more;
        self
    }

    /// Canonical built-ins of the async part, by the names of the functions that they become:
    /// `$waitable_set_new`, `$subtask_drop` and so on.
    pub fn builtins(mut self) -> Self {
        self.imports += r#"
        (import "$root" "[waitable-set-new]" (func $waitable_set_new (result i32)))
        (import "$root" "[waitable-set-wait]" (func $waitable_set_wait (param i32 i32) (result i32)))
        (import "$root" "[waitable-set-drop]" (func $waitable_set_drop (param i32)))
        (import "$root" "[waitable-join]" (func $waitable_join (param i32 i32)))
        (import "$root" "[subtask-drop]" (func $subtask_drop (param i32)))
        (import "$root" "[subtask-cancel]" (func $subtask_cancel (param i32) (result i32)))
        (import "$root" "[backpressure-inc]" (func $backpressure_inc))
        (import "$root" "[thread-yield]" (func $thread_yield (result i32)))"#;
        self
    }

    /// Imports this function, whose core form has this signature.
    pub fn importing(mut self, interface: &str, function: &str, signature: &str) -> Self {
        self.world += &format!("import {interface};\n");
        self.imports += &format!("(import \"{interface}\" \"{function}\" (func {signature}))");
        self
    }

    /// May call timers: `$subscribe(name, bytes, every_ms, result)`, `$now`, and `$sleep(ms, result)`, which answers the
    /// subtask's state and index.
    pub fn timers(mut self) -> Self {
        self.world += "import connector:runtime/timers@0.1.0;\n";
        self.imports += &format!(
            r#"
        (import "{TIMERS}" "subscribe" (func $subscribe (param i32 i32 i32 i32)))
        (import "{TIMERS}" "now" (func $now (result i64)))
        (import "{TIMERS}" "[async-lower]sleep" (func $sleep (param i32 i32) (result i32)))"#
        );
        self
    }

    /// Wants a tick every 100 ms, and does this at each.
    pub fn ticks(self, enter: &str, callback: &str) -> Self {
        let mut guest = self.timers();
        guest.world += "export connector:runtime/timers-handler@0.1.0;\n";
        guest.imports += &format!(
            r#"
        (import "[export]{TIMERS_HANDLER}" "[task-return]on-fire" (func $fire_return (param i32 i32 i32)))"#
        );
        guest.more += &format!(
            r#"
        (data (i32.const {SCRATCH}) "tick")
        (func $fire_done (call $fire_return (i32.const 0) (i32.const 0) (i32.const 0)))
        (func (export "[async-lift]{TIMERS_HANDLER}#on-fire") (param i64 i64 i32 i32 i32) (result i32) {enter})
        (func (export "[callback][async-lift]{TIMERS_HANDLER}#on-fire") (param i32 i32 i32) (result i32) {callback})"#
        );
        let enter = format!(
            "(call $subscribe (i32.const {SCRATCH}) (i32.const 4) (i32.const 100) (i32.const {})) (call $start_ok) {EXIT}",
            SCRATCH + 64
        );
        guest.start(&enter, "unreachable")
    }

    /// The core module of the template, without what tells of its interfaces.
    pub fn module(&self) -> anyhow::Result<Vec<u8>> {
        let text = self.text().replace(VERSION, self.version);
        wat::parse_str(&text).with_context(|| format!("the text of {} is wrong:\n{text}", self.name))
    }

    pub fn component(&self) -> anyhow::Result<Vec<u8>> {
        let mut resolve = Resolve::default();
        resolve.push_group(self.contract()?)?;
        if !self.package.is_empty() {
            resolve.push_str("package.wit", self.package)?;
        }
        let world =
            format!("package adversary:test;\nworld adversary {{\n{}export {LIFECYCLE};\n}}", self.world);
        let package = resolve.push_str("world.wit", &world.replace(VERSION, self.version))?;
        let world = resolve.select_world(&[package], None)?;
        let mut module = self.module()?;
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
        let made = ComponentEncoder::default().debug_names(true).module(&module)?.encode();
        made.with_context(|| format!("{} is no component", self.name))
    }

    /// `wit/`, as this guest would have it.
    fn contract(&self) -> anyhow::Result<UnresolvedPackageGroup> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = here.ancestors().nth(2).context("the tree has a top")?.join("wit");
        let mut sources = SourceMap::new();
        for file in std::fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))? {
            let path = file?.path();
            if path.extension() == Some(OsStr::new("wit")) {
                let mut text = std::fs::read_to_string(&path)?.replace(VERSION, self.version);
                if !self.swap.0.is_empty() {
                    text = text.replace(self.swap.0, self.swap.1);
                }
                sources.push_str(&path.display().to_string(), text);
            }
        }
        sources.parse().map_err(|(_, error)| anyhow::anyhow!("{error}"))
    }

    fn text(&self) -> String {
        let Self { imports, memory, realloc, more, .. } = self;
        let describe = match &self.describe_whole {
            Some(text) => text.clone(),
            None => format!(
                r#"(func (export "{LIFECYCLE}#describe") (result i32) {})
        (func (export "cabi_post_{LIFECYCLE}#describe") (param i32) {})"#,
                self.describe, self.describe_post
            ),
        };
        let start = match &self.start {
            _ if self.start_whole.is_some() => self.start_whole.clone().unwrap_or_default(),
            Lift::Async { enter, callback } => format!(
                r#"(func (export "[async-lift]{LIFECYCLE}#start") (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32) {enter})
        (func (export "[callback][async-lift]{LIFECYCLE}#start") (param i32 i32 i32) (result i32) {callback})"#
            ),
            Lift::Sync { body, post } => format!(
                r#"(func (export "{LIFECYCLE}#start") (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32) {body})
        (func (export "cabi_post_{LIFECYCLE}#start") (param i32) {post})"#
            ),
        };
        let start_return = match &self.start {
            Lift::Async { .. } => format!(
                r#"(import "[export]{LIFECYCLE}" "[task-return]start" (func $start_return (param i32 i32 i32 i32)))"#
            ),
            Lift::Sync { .. } => String::new(),
        };
        let start_ok = match &self.start {
            Lift::Async { .. } => {
                "(func $start_ok (call $start_return (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))"
            }
            Lift::Sync { .. } => "",
        };
        let [stop, stop_callback] = &self.stop;
        let data = self.descriptor();
        format!(
            r#"(module
        {start_return}
        (import "[export]{LIFECYCLE}" "[task-return]stop" (func $stop_return))
        {imports}
        {memory}
        (global $free (mut i32) (i32.const {HEAP}))
        {data}
        (func $alloc (param $bytes i32) (result i32)
            (local $at i32)
            (local.set $at (global.get $free))
            (global.set $free (i32.and (i32.add (i32.add (local.get $at) (local.get $bytes)) (i32.const 15)) (i32.const -16)))
            (local.get $at))
        (func (export "cabi_realloc") (param $old i32) (param $old_bytes i32) (param $align i32) (param $bytes i32) (result i32)
            {realloc})
        {describe}
        {start_ok}
        {start}
        (func (export "[async-lift]{LIFECYCLE}#stop") (param i32) (result i32) {stop})
        (func (export "[callback][async-lift]{LIFECYCLE}#stop") (param i32 i32 i32) (result i32) {stop_callback})
        {more}
    )"#
        )
    }

    /// The record and its four strings; its five lists are empty.
    fn descriptor(&self) -> String {
        let id = crate::id(self.name);
        let (mut record, mut strings) = (Vec::new(), Vec::new());
        for text in [id.as_str(), "An adversary", "0.1.0", SCHEMA] {
            let at = DESCRIPTOR + DESCRIPTOR_BYTES + strings.len();
            record.extend(u32::try_from(at).expect("a small number").to_le_bytes());
            record.extend(u32::try_from(text.len()).expect("a small number").to_le_bytes());
            strings.extend(text.bytes());
        }
        record.resize(DESCRIPTOR_BYTES, 0);
        record.extend(strings);
        data(DESCRIPTOR, &record)
    }
}

/// A data segment with these bytes.
pub fn data(at: usize, bytes: &[u8]) -> String {
    let escaped: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
    format!("(data (i32.const {at}) \"{escaped}\")")
}

/// The template with a further core module in it, given as text, and an instance of that.
pub fn with_module(name: &'static str, text: &str) -> anyhow::Result<Vec<u8>> {
    let module = wat::parse_str(text).with_context(|| format!("the text of {name} is wrong"))?;
    with_bytes(name, &module, 1)
}

/// The template with a further core module in it, and so many instances of that.
pub fn with_bytes(name: &'static str, module: &[u8], instances: usize) -> anyhow::Result<Vec<u8>> {
    let mut component = Guest::new(name).component()?;
    crate::bytes::add_module(&mut component, module, instances)?;
    Ok(component)
}
