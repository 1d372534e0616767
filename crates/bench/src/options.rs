//! What the command line asks for.

use ceratops::prelude::*;

use crate::workloads;

/// The works, and how they are measured.
#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    /// Whether the peers run too.
    pub(crate) compare: bool,
    pub(crate) works: Vec<String>,
    /// How many threads; 0 for as many as there are cores.
    pub(crate) threads: usize,
    /// The sizes of batch at which training is measured.
    pub(crate) batches: Vec<usize>,
    /// The peers to compare with; all, if none is named.
    pub(crate) peers: Vec<String>,
    /// How often each program runs in a comparison.
    pub(crate) rounds: usize,
}

impl Options {
    /// Reads the arguments behind the program's name.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self> {
        let mut options = Self {
            compare: false,
            works: Vec::new(),
            threads: 0,
            batches: vec![32, 128],
            peers: Vec::new(),
            rounds: 3,
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let mut value = || {
                let missing = || Error::argument(&*argument, "a value behind it", "nothing");
                arguments.next().ok_or_else(missing)
            };
            match &*argument {
                "compare" => options.compare = true,
                "--threads" => options.threads = number(&argument, &value()?)?,
                "--rounds" => options.rounds = number(&argument, &value()?)?,
                "--batches" => {
                    let sizes = value()?;
                    let sizes = names(&sizes).map(|size| number(&argument, size));
                    options.batches = sizes.collect::<Result<_>>()?;
                }
                "--peers" => options.peers.extend(names(&value()?).map(String::from)),
                option if option.starts_with('-') => return Err(unknown(option)),
                works => options.works.extend(names(works).map(String::from)),
            }
        }
        if options.works.is_empty() {
            options.works.extend(workloads::ALL.map(|work| work.name.into()));
        }
        Ok(options)
    }
}

fn unknown(option: &str) -> Error {
    Error::unknown("option", option, ["--threads", "--rounds", "--batches", "--peers"])
}

/// A number above 0.
fn number(argument: &str, text: &str) -> Result<usize> {
    let number = text.parse().ok().filter(|&number| number > 0);
    number.ok_or_else(|| Error::argument(argument, "a number above 0", text))
}

/// What stands between commas.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options> {
        Options::parse(line.split_whitespace().map(String::from))
    }

    #[test]
    fn arguments_may_stand_in_any_order() {
        let options = parse("--threads 1 compare cnn,mlp --peers torch --rounds 2 vgg").unwrap();
        assert!(options.compare);
        assert_eq!(options.works, ["cnn", "mlp", "vgg"]);
        assert_eq!(options.peers, ["torch"]);
        assert_eq!((options.threads, options.rounds), (1, 2));
        assert_eq!(parse("--batches 8,1024 cnn").unwrap().batches, [8, 1024]);
    }

    #[test]
    fn without_arguments_all_networks_are_measured() {
        let options = parse("").unwrap();
        assert_eq!(options.works, ["cnn", "prelu", "bncnn", "mlp", "vgg"]);
        assert_eq!(options.batches, [32, 128]);
        assert!(!options.compare);
    }

    #[test]
    fn nonsense_is_refused_with_its_name() {
        let refused = |line| parse(line).unwrap_err().to_string();
        assert!(refused("--threads none").contains("--threads"));
        assert!(refused("--rounds 0").contains("--rounds"));
        assert!(refused("--batches 8,0").contains("--batches"));
        assert!(refused("--peers").contains("--peers"));
        assert!(refused("--thread 2").contains("`--threads`"));
    }
}
