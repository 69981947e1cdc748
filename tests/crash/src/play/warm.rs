//! The component compiled once, for all plays: it takes seconds, and no play is about it.
use crate::Subject;
use crate::play::script;
use anyhow::Context;
use platforms::occum::Occum;
use std::fs::{DirBuilder, create_dir_all};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use workbench::Home;

/// A folder of compiled components.
pub(crate) struct Warm(PathBuf);

impl Warm {
    /// Lets a runtime compile it.
    pub(crate) async fn up(subject: &Subject, folder: &Path) -> anyhow::Result<Self> {
        let occum = Occum::start().await?;
        let agent = occum.add_agent("Clanker");
        let home = Home::at(folder.join("warm"), script(subject, &occum, &agent))?;
        let runtime = home.ready().await.context("it does not even start")?;
        occum.connected(1).await;
        runtime.stop().await?;
        Ok(Self(home.state().join("artifacts")))
    }

    /// Gives this home what was compiled.
    pub(crate) fn furnish(&self, home: &Home) -> anyhow::Result<()> {
        let artifacts = home.state().join("artifacts");
        create_dir_all(home.folder())?;
        // For its owner only, or the runtime refuses it: it is machine code.
        DirBuilder::new().recursive(true).mode(0o700).create(&artifacts)?;
        for file in std::fs::read_dir(&self.0).context("nothing was compiled")? {
            let file = file?;
            std::fs::copy(file.path(), artifacts.join(file.file_name()))?;
        }
        Ok(())
    }
}
