//! Rows 11 and 9, door `start`, reached by itself. Refuses its configuration with 6 MiB of text that would like to be
//! something else.
//!
//! Must happen: the state is `failed` and it is not started again; cause "start found the configuration wrong: …",
//! cut at a kilobyte and escaped, in log, status and its table.
use crate::case::{Case, Setting};
use crate::tricks::ODD;
use sdk::StartError;

#[derive(Default)]
pub struct Villain;

impl Case for Villain {
    async fn start(&self, _: &Setting) -> Result<(), StartError> {
        let odd = ODD.concat();
        Err(StartError::Configuration(odd.repeat((6 << 20) / odd.len())))
    }
}
