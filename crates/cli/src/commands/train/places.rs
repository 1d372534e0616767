//! Where a training writes: tried out before it begins.

use std::path::Path;

use ceratops::{Error, Result, formats::Format, plot::Kind};

use super::{Train, is_architecture};
use crate::{
    commands::convert::check_place,
    failure::{Failure, Outcome},
    input::encoder_of,
    output,
    places::Places,
};

/// The file of a backup.
const BACKUP: &str = "latest.safetensors";

impl Train {
    pub(super) fn format(&self) -> Result<Format> {
        self.to.map_or_else(|| Format::of_path(&self.out), Ok)
    }

    /// The files that are written once, with their options.
    fn files(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        let files = [
            ("--history", self.history.as_deref()),
            ("--plot", self.plot.as_deref()),
            ("--csv-log", self.watch.csv_log()),
        ];
        files.into_iter().filter_map(|(option, path)| Some((option, path?)))
    }

    /// Refuses two outputs in one place, and outputs in the places of what is read.
    pub(super) fn check_distinct(&self) -> Outcome<()> {
        let identifiers = [("--optimizer", &self.optimizer), ("--loss", &self.loss)];
        let files = identifiers
            .into_iter()
            .filter_map(|(option, known)| Some((option, known.as_ref()?.file.as_ref()?)));
        let inputs = Places::of_model(&self.source)
            .read("--x", self.x.as_ref())
            .read("--y", self.y.as_ref())
            .read("--table", self.table.table.as_ref())
            .read("--val-x", self.fit.val_x.as_ref())
            .read("--val-y", self.fit.val_y.as_ref());
        let places = files.fold(inputs, |places, (option, path)| places.read(option, path));
        // Without a format there is nothing to write, as is said later.
        let format = self.format().unwrap_or(Format::Keras);
        let places = places.result("--out", &self.out, format);
        let coded = self.table.table.as_ref().map(|_| encoder_of(&self.out));
        let places = places.written("--table", coded.as_deref());
        let places = self.files().fold(places, |all, (option, path)| all.written(option, path));
        let mut places = places.checkpoints("--checkpoint", self.watch.checkpoint())?;
        if let Some(folder) = &self.fit.backup {
            let file = folder.join(BACKUP);
            places =
                places.folder("--backup", folder.as_path()).written("--backup", file.as_path());
        }
        if let Some(folder) = self.watch.tensorboard() {
            for of in ["train", "validation"] {
                places = places.folder("--tensorboard", folder.join(of).as_path());
            }
            places = places.folder("--tensorboard", folder);
        }
        places.check()
    }

    /// Refuses files that cannot be written, before an hour of training.
    pub(super) fn check_places(&self) -> Outcome<()> {
        let (folders, out) = ([self.fit.backup.as_deref(), self.watch.tensorboard()], &*self.out);
        let all = self.files().chain([("--out", out)]);
        let all = all.chain(self.watch.checkpoint().map(|path| ("--checkpoint", path)));
        if let Some((option, _)) = all.into_iter().find(|(_, path)| *path == Path::new("-")) {
            let message = format!("{option} cannot be the standard output; name a file");
            return Err(Failure::Usage(message));
        }
        let format = self.format()?;
        if is_architecture(format) {
            let expected = "a kind of file that holds weights, such as .keras";
            let found = format!("\"{}\"", self.out.display());
            return Err(Error::argument("--out", expected, found).into());
        }
        check_place(&self.out, format)?;
        self.plot.as_ref().map(Kind::of_path).transpose()?;
        for (_, path) in self.files() {
            output::check_file(path)?;
        }
        folders.into_iter().flatten().try_for_each(output::check_folder)?;
        Ok(())
    }
}
