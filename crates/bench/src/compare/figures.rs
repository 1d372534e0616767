//! What the programs measured, and who leads.

use serde_json::Value;

/// A figure as a program printed it.
#[derive(Debug, Clone, PartialEq)]
struct Figure {
    program: String,
    /// The peer after which Ceratops ran.
    beside: Option<String>,
    work: String,
    what: String,
    value: f64,
}

/// All figures, and what went wrong on the way to them.
#[derive(Debug, Default)]
pub(super) struct Figures {
    figures: Vec<Figure>,
    pub(super) faults: Vec<String>,
}

/// Who was how fast at one thing.
#[derive(Debug, PartialEq)]
pub(super) struct Row<'a> {
    pub(super) work: &'a str,
    pub(super) what: &'a str,
    /// Ceratops' best beside the leader, so that both had as many tries, at the same time.
    pub(super) ours: Option<f64>,
    /// The best of each peer, in the order of [`Figures::peers`].
    pub(super) peers: Vec<Option<f64>>,
    /// The leading peer, by its place.
    pub(super) leader: Option<usize>,
    /// How much faster Ceratops is than the leader.
    pub(super) ratio: Option<f64>,
}

impl Figures {
    /// Adds what `program` printed for `work`.
    pub(super) fn add(
        &mut self,
        program: &str,
        beside: Option<&str>,
        work: &str,
        printed: Result<String, String>,
    ) {
        let lines = printed.map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
        let lines = lines.unwrap_or_else(|fault| {
            self.fault(format!("{program} failed at {work}: {fault}"));
            Vec::new()
        });
        for line in lines {
            match parse(&line) {
                Some((of, what, value)) if of == work => self.figures.push(Figure {
                    program: program.into(),
                    beside: beside.map(String::from),
                    work: of,
                    what,
                    value,
                }),
                _ => self.fault(format!("{program} at {work} printed what is no figure: {line}")),
            }
        }
    }

    /// Remembers what went wrong, once.
    fn fault(&mut self, fault: String) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// The peers that gave a figure, in the order in which they ran.
    pub(super) fn peers(&self) -> Vec<&str> {
        let peers = self.figures.iter().map(|figure| figure.program.as_str());
        unique(peers.filter(|program| *program != "ceratops"))
    }

    /// A row for each thing that was measured.
    pub(super) fn rows(&self) -> Vec<Row<'_>> {
        let keys = self.figures.iter().map(|figure| (figure.work.as_str(), figure.what.as_str()));
        let mut keys = unique(keys);
        // The works in order, whoever measured a thing first.
        let works = unique(keys.iter().map(|(work, _)| *work));
        keys.sort_by_key(|(work, _)| works.iter().position(|other| other == work));
        keys.into_iter().map(|(work, what)| self.row(work, what)).collect()
    }

    fn row<'a>(&'a self, work: &'a str, what: &'a str) -> Row<'a> {
        let names = self.peers();
        let best = |program: &str, beside: Option<&str>| {
            let figures = self.figures.iter().filter(|figure| {
                figure.program == program
                    && (beside.is_none() || figure.beside.as_deref() == beside)
                    && (figure.work.as_str(), figure.what.as_str()) == (work, what)
            });
            figures
                .map(|figure| figure.value)
                .reduce(|a, b| if gain(what, a, b) > 1.0 { a } else { b })
        };
        let peers: Vec<_> = names.iter().map(|name| best(name, None)).collect();
        let ranked = peers.iter().enumerate().filter_map(|(place, value)| Some((place, (*value)?)));
        let leader = ranked.reduce(|a, b| if gain(what, b.1, a.1) > 1.0 { b } else { a });
        let ours = best("ceratops", leader.map(|(place, _)| names[place]));
        let ratio = ours.zip(leader).map(|(ours, (_, theirs))| gain(what, ours, theirs));
        Row { work, what, ours, peers, leader: leader.map(|(place, _)| place), ratio }
    }
}

/// How much faster `a` is than `b`: of times the smaller is the better.
fn gain(what: &str, a: f64, b: f64) -> f64 {
    if what.ends_with(" ms") { b / a } else { a / b }
}

/// The work, what was measured, and the value of a line of JSON.
fn parse(line: &str) -> Option<(String, String, f64)> {
    let line: Value = serde_json::from_str(line).ok()?;
    let text = |key: &str| Some(line.get(key)?.as_str()?.to_owned());
    let value = line.get("value")?.as_f64().filter(|value| *value > 0.0)?;
    Some((text("work")?, text("what")?, value))
}

/// Each item once, in order.
fn unique<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.fold(Vec::new(), |mut seen, item| {
        if !seen.contains(&item) {
            seen.push(item);
        }
        seen
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(what: &str, value: f64) -> Result<String, String> {
        Ok(format!(r#"{{"peer": "p", "work": "cnn", "what": "{what}", "value": {value}}}"#))
    }

    #[test]
    fn the_best_of_the_rounds_counts_and_the_best_peer_leads() {
        let mut figures = Figures::default();
        for (torch, burn) in [(80.0, 40.0), (100.0, 50.0)] {
            figures.add("torch", None, "cnn", line("fit b32 samples/s", torch));
            figures.add("burn", None, "cnn", line("fit b32 samples/s", burn));
        }
        figures.add("ceratops", Some("torch"), "cnn", line("fit b32 samples/s", 150.0));
        figures.add("ceratops", Some("torch"), "cnn", line("fit b32 samples/s", 120.0));
        // A lucky run beside another peer is not held against the leader.
        figures.add("ceratops", Some("burn"), "cnn", line("fit b32 samples/s", 500.0));
        let rows = figures.rows();
        assert_eq!(figures.peers(), ["torch", "burn"]);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].peers, [Some(100.0), Some(50.0)]);
        assert_eq!(
            (rows[0].leader, rows[0].ours, rows[0].ratio),
            (Some(0), Some(150.0), Some(1.5))
        );
    }

    #[test]
    fn of_times_the_smaller_is_the_better() {
        let mut figures = Figures::default();
        for value in [0.2, 0.1, 0.3] {
            figures.add("torch", None, "cnn", line("predict 1 ms", value));
        }
        figures.add("burn", None, "cnn", line("predict 1 ms", 0.15));
        figures.add("ceratops", Some("torch"), "cnn", line("predict 1 ms", 0.05));
        let rows = figures.rows();
        assert_eq!(rows[0].peers, [Some(0.1), Some(0.15)]);
        assert_eq!((rows[0].leader, rows[0].ratio), (Some(0), Some(2.0)));
    }

    #[test]
    fn what_only_one_side_measured_has_no_ratio() {
        let mut figures = Figures::default();
        figures.add("onnxruntime", None, "cnn", line("predict 1 ms", 0.1));
        figures.add("ceratops", Some("onnxruntime"), "cnn", line("fit b32 samples/s", 7.0));
        let rows = figures.rows();
        assert_eq!((rows[0].what, rows[0].ours, rows[0].ratio), ("predict 1 ms", None, None));
        assert_eq!((rows[1].ours, rows[1].leader), (Some(7.0), None));
        assert_eq!(rows[1].peers, [None]);
    }

    #[test]
    fn works_stay_together() {
        let mut figures = Figures::default();
        let mlp = r#"{"work": "mlp", "what": "predict 1 ms", "value": 1}"#;
        figures.add("torch", None, "cnn", line("predict 1 ms", 0.1));
        figures.add("torch", None, "mlp", Ok(mlp.into()));
        figures.add("ceratops", Some("torch"), "cnn", line("fit b8 samples/s", 0.1));
        let works: Vec<_> = figures.rows().iter().map(|row| row.work).collect();
        assert_eq!(works, ["cnn", "cnn", "mlp"]);
    }

    #[test]
    fn failures_and_garbage_are_remembered_once() {
        let mut figures = Figures::default();
        for _ in 0..2 {
            figures.add("torch", None, "cnn", Err("exit status: 1: no torch".into()));
            figures.add("burn", None, "cnn", Ok("hello\n{\"work\": \"cnn\"}".into()));
            // An answer to what was not asked, and a value that is none.
            figures.add("burn", None, "mlp", line("predict 1 ms", 1.0));
            figures.add("burn", None, "cnn", line("predict 1 ms", 0.0));
        }
        assert_eq!(figures.faults.len(), 5);
        assert!(figures.faults[0].contains("torch failed at cnn: exit status: 1: no torch"));
        assert!(figures.faults[1].contains("hello"));
        assert!(figures.rows().is_empty());
    }
}
