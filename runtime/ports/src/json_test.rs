//! A test that the host can run on a JSON frame without waking the guest, such as `/type == "pong"`.
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JsonTest {
    /// An RFC 6901 pointer: empty for the whole document, otherwise starting with `/`.
    pub pointer: String,
    pub equals: Value,
}

impl JsonTest {
    pub fn holds(&self, frame: &Value) -> bool {
        frame.pointer(&self.pointer) == Some(&self.equals)
    }

    /// For text that may not be JSON at all; then nothing holds.
    pub fn holds_in(&self, text: &str) -> bool {
        serde_json::from_str(text).is_ok_and(|frame| self.holds(&frame))
    }
}
