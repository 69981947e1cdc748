//! What an artefact is called.
use sha2::{Digest, Sha256};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;
use wasmtime::Engine;

/// A component's content and all that decides what it compiles to. As text it is `<sha256>-<settings>` in hexadecimal:
/// a file's stem, and an argument of the child that loads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name {
    content: [u8; 32],
    settings: u64,
}

impl Name {
    pub fn of(engine: &Engine, wasm: &[u8]) -> Self {
        let mut settings = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut settings);
        Self { content: Sha256::digest(wasm).into(), settings: settings.finish() }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.content.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        write!(f, "-{:016x}", self.settings)
    }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of an artefact")]
pub struct NotAName;

impl FromStr for Name {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        let (content, settings) = text.split_once('-').ok_or(NotAName)?;
        let hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if content.len() != 64 || settings.len() != 16 || !hex(content) || !hex(settings) {
            return Err(NotAName);
        }
        let mut name = Self { content: [0; 32], settings: 0 };
        for (at, byte) in name.content.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&content[2 * at..2 * at + 2], 16).map_err(|_| NotAName)?;
        }
        name.settings = u64::from_str_radix(settings, 16).map_err(|_| NotAName)?;
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        let engine = Engine::default();
        let name = Name::of(&engine, b"a");
        assert_eq!(name.to_string().parse(), Ok(name));
        assert_ne!(name, Name::of(&engine, b"b"));
    }

    #[test]
    fn what_is_no_name_is_no_path_either() {
        let good = Name::of(&Engine::default(), b"a").to_string();
        let bad = [
            "",
            "-",
            "../key",
            &good[1..],
            &good.to_uppercase(),
            &format!("{good}0"),
            &good.replace('-', "+"),
        ];
        for text in bad {
            assert_eq!(text.parse::<Name>(), Err(NotAName), "{text}");
        }
        assert_eq!(format!("+{}", &good[1..]).parse::<Name>(), Err(NotAName));
    }

    #[test]
    fn other_settings_are_another_name() {
        let mut config = wasmtime::Config::new();
        config.epoch_interruption(true);
        let other = Engine::new(&config).unwrap();
        assert_ne!(Name::of(&Engine::default(), b"a"), Name::of(&other, b"a"));
    }
}
