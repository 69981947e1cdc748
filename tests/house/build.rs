//! Makes a list of all adversaries by their files: one enum for those in Rust, one for those below any SDK. The tests
//! match on them, so a guest that no test knows does not compile.
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut out = String::new();
    for (name, folder) in
        [("Villain", "tests/guests/villain/src/cases"), ("Raw", "tests/adversaries/src/cases")]
    {
        let folder = top.join(folder);
        println!("cargo::rerun-if-changed={}", folder.display());
        list(&mut out, name, &folder);
    }
    let file = Path::new(&env::var("OUT_DIR").expect("cargo says it")).join("adversaries.rs");
    fs::write(file, out).expect("cargo's folder can be written");
}

fn list(out: &mut String, name: &str, folder: &Path) {
    let entries = fs::read_dir(folder).expect("the folder of the cases is there");
    let mut cases: Vec<String> = entries
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .filter(|case| case != "mod")
        .collect();
    cases.sort();
    let variants: Vec<String> = cases.iter().map(|case| variant(case)).collect();
    let _ = writeln!(out, "#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]");
    let _ = writeln!(out, "pub enum {name} {{ {} }}", variants.join(", "));
    let _ = writeln!(out, "impl {name} {{");
    let all: Vec<String> = variants.iter().map(|variant| format!("Self::{variant}")).collect();
    let _ = writeln!(out, "    pub const ALL: &[Self] = &[{}];", all.join(", "));
    let _ = writeln!(out, "    pub const fn name(self) -> &'static str {{ match self {{");
    for (case, variant) in cases.iter().zip(&variants) {
        let _ = writeln!(out, "        Self::{variant} => {case:?},");
    }
    let _ = writeln!(out, "    }} }}\n}}");
}

/// `loop_in_start` is `LoopInStart`.
fn variant(case: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    };
    case.split('_').map(capital).collect()
}
