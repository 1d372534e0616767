//! The cells that an RNN holds, one or several.

use std::{any::Any, collections::HashMap, fmt::Debug};

use ceratops_core::{Context, Error, Gradients, Param, Part, Result, Rng, Shape, Tensor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::super::{
    GRUCell, LSTMCell, SimpleRNNCell,
    recurrent::{Cell, Cells, Kept, Ran},
};
use crate::{AnyActivation, entry, registry};

type Saved = Box<dyn Any + Send>;

/// A cell of any class.
trait AnyCell: Debug + Send + Sync {
    fn class_name(&self) -> &'static str;
    fn config(&self) -> Result<Value>;
    fn states(&self) -> usize;
    fn validate(&self) -> Result<()>;
    fn shapes(&self, input: &Shape) -> Result<(Shape, Vec<Shape>)>;
    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()>;
    fn run(
        &self,
        x: Tensor,
        initial: Vec<Tensor>,
        kept: Option<&Kept>,
        all_times: bool,
        cx: &mut Context,
    ) -> Result<Ran<Saved>>;
    fn run_back(
        &self,
        saved: Saved,
        dy: Option<Tensor>,
        states: Vec<Option<Tensor>>,
        kept: Option<&Kept>,
        dw: &mut Gradients<'_>,
    ) -> Result<(Option<Tensor>, Vec<Tensor>)>;
    fn params(&self) -> Vec<&Param>;
    fn params_mut(&mut self) -> Vec<&mut Param>;
    fn activations_mut(&mut self) -> Vec<(String, &mut AnyActivation)>;
    fn boxed_clone(&self) -> Box<dyn AnyCell>;
}

impl<C: Cell> AnyCell for C {
    fn class_name(&self) -> &'static str {
        C::CLASS_NAME
    }

    fn config(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(|e| Error::config(C::CLASS_NAME, e))
    }

    fn states(&self) -> usize {
        C::STATES
    }

    fn validate(&self) -> Result<()> {
        Cells::validate(self)
    }

    fn shapes(&self, input: &Shape) -> Result<(Shape, Vec<Shape>)> {
        Cells::shapes(self, input)
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        Cells::build(self, input, rng)
    }

    fn run(
        &self,
        x: Tensor,
        initial: Vec<Tensor>,
        kept: Option<&Kept>,
        all_times: bool,
        cx: &mut Context,
    ) -> Result<Ran<Saved>> {
        let Ran { y, states, saved } = Cells::run(self, x, initial, kept, all_times, cx)?;
        Ok(Ran { y, states, saved: saved.map(|saved| Box::new(saved) as Saved) })
    }

    fn run_back(
        &self,
        saved: Saved,
        dy: Option<Tensor>,
        states: Vec<Option<Tensor>>,
        kept: Option<&Kept>,
        dw: &mut Gradients<'_>,
    ) -> Result<(Option<Tensor>, Vec<Tensor>)> {
        let saved = saved.downcast::<<C as Cells>::Saved>().map_err(|_| {
            Error::Model(format!("{}: backward without a forward that saved", C::CLASS_NAME))
        })?;
        Cells::run_back(self, *saved, dy, states, kept, dw)
    }

    fn params(&self) -> Vec<&Param> {
        Cells::params(self)
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        Cells::params_mut(self)
    }

    fn activations_mut(&mut self) -> Vec<(String, &mut AnyActivation)> {
        Cells::activations_mut(self)
    }

    fn boxed_clone(&self) -> Box<dyn AnyCell> {
        Box::new(self.clone())
    }
}

/// A cell of an [`RNN`](crate::RNN), of any class.
#[derive(Debug)]
pub struct RNNCell {
    name: Option<String>,
    cell: Box<dyn AnyCell>,
}

impl<C: Cell> From<C> for RNNCell {
    fn from(cell: C) -> Self {
        Self { name: None, cell: Box::new(cell) }
    }
}

impl Clone for RNNCell {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), cell: self.cell.boxed_clone() }
    }
}

impl RNNCell {
    /// The classes of cells.
    const CLASSES: [&str; 3] =
        [LSTMCell::CLASS_NAME, GRUCell::CLASS_NAME, SimpleRNNCell::CLASS_NAME];

    /// Whether a cell, or several upon each other, have that class.
    pub fn is_class(class_name: &str) -> bool {
        class_name == STACK || Self::CLASSES.contains(&class_name)
    }

    /// The cell that an entry of a config describes.
    fn read(entry: &Value) -> Result<Self> {
        let class_name = entry::class_name(entry).unwrap_or_default();
        let mut config =
            entry.get("config").and_then(Value::as_object).cloned().unwrap_or_default();
        let common = registry::Common::take(&mut config)?;
        let cell: Box<dyn AnyCell> = match class_name {
            LSTMCell::CLASS_NAME => Box::new(registry::read::<LSTMCell>(config, class_name)?),
            GRUCell::CLASS_NAME => Box::new(registry::read::<GRUCell>(config, class_name)?),
            SimpleRNNCell::CLASS_NAME => {
                Box::new(registry::read::<SimpleRNNCell>(config, class_name)?)
            }
            _ => {
                let error = Error::unknown("cell", class_name, Self::CLASSES);
                return Err(Error::config("class_name", error));
            }
        };
        Ok(Self { name: common.name, cell })
    }

    fn write(&self, name: &str) -> Result<Value> {
        let learns = self.cell.params().iter().all(|param| !param.is_frozen());
        let mut config = Map::from_iter([
            ("name".to_owned(), json!(name)),
            ("trainable".to_owned(), json!(learns)),
            ("dtype".to_owned(), json!("float32")),
        ]);
        config.extend(self.cell.config()?.as_object().cloned().unwrap_or_default());
        Ok(keras_entry(self.cell.class_name(), config))
    }
}

fn keras_entry(class_name: &str, config: Map<String, Value>) -> Value {
    json!({
        "module": "keras.layers",
        "class_name": class_name,
        "config": config,
        "registered_name": null,
    })
}

/// What an [`RNN`](crate::RNN) runs: the argument `cell`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HeldCells {
    cell: Held,
}

#[derive(Debug, Clone, Default)]
struct Held {
    cells: Vec<RNNCell>,
    /// The name of the stack, if it is one.
    stack: Option<String>,
}

const STACK: &str = "StackedRNNCells";

impl HeldCells {
    pub(super) fn one(cell: RNNCell) -> Self {
        Self { cell: Held { cells: vec![cell], stack: None } }
    }

    pub(super) fn stacked(cells: impl IntoIterator<Item = RNNCell>) -> Self {
        let stack = Some(entry::snake_case(STACK));
        Self { cell: Held { cells: cells.into_iter().collect(), stack } }
    }

    fn cells(&self) -> &[RNNCell] {
        &self.cell.cells
    }

    /// The names of the cells: their own, or as Keras calls the first, second, ... of a class.
    fn names(&self) -> Vec<String> {
        let numbered = self.numbered();
        let named = self.cells().iter().zip(numbered);
        named.map(|(cell, name)| cell.name.clone().unwrap_or(name)).collect()
    }

    fn numbered(&self) -> Vec<String> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        let number = |cell: &RNNCell| {
            let count = counts.entry(cell.cell.class_name()).or_default();
            *count += 1;
            let name = entry::snake_case(cell.cell.class_name());
            if *count == 1 { name } else { format!("{name}_{}", *count - 1) }
        };
        self.cells().iter().map(number).collect()
    }

    /// The shape of what each cell reads.
    fn inputs(&self, input: &Shape) -> Result<Vec<Shape>> {
        let mut inputs = vec![input.clone()];
        for cell in self.cells() {
            let last = inputs.last().unwrap_or(input);
            let units = cell.cell.shapes(last)?.0.last();
            inputs.push(input.with_axis(2, units));
        }
        Ok(inputs)
    }
}

impl Serialize for Held {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let held = HeldCells { cell: self.clone() };
        let written = held.cells().iter().zip(held.names()).map(|(cell, name)| cell.write(&name));
        let cells: Vec<Value> =
            written.collect::<Result<_>>().map_err(serde::ser::Error::custom)?;
        let Some(stack) = &self.stack else {
            return cells.into_iter().next().serialize(serializer);
        };
        let config = Map::from_iter([
            ("name".to_owned(), json!(stack)),
            ("trainable".to_owned(), json!(true)),
            ("dtype".to_owned(), json!("float32")),
            ("cells".to_owned(), cells.into()),
        ]);
        keras_entry(STACK, config).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Held {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entry = Value::deserialize(deserializer)?;
        if entry.is_null() {
            return Ok(Self::default());
        }
        let held = || -> Result<Self> {
            if entry::class_name(&entry) != Some(STACK) {
                return Ok(Self { cells: vec![RNNCell::read(&entry)?], stack: None });
            }
            let config = &entry["config"];
            let cells = config["cells"].as_array().map(Vec::as_slice).unwrap_or_default();
            let cells = cells.iter().map(RNNCell::read).collect::<Result<_>>()?;
            let name = config["name"].as_str().map(str::to_owned);
            Ok(Self { cells, stack: Some(name.unwrap_or_else(|| entry::snake_case(STACK))) })
        };
        held().map_err(serde::de::Error::custom)
    }
}

impl Cells for HeldCells {
    const LAYER: &'static str = "RNN";
    /// What each cell saved.
    type Saved = Vec<Saved>;

    fn validate(&self) -> Result<()> {
        if self.cells().is_empty() {
            return Err(Error::argument("cell", "a cell", "none"));
        }
        self.cells().iter().try_for_each(|cell| cell.cell.validate())
    }

    fn shapes(&self, input: &Shape) -> Result<(Shape, Vec<Shape>)> {
        let mut found = (input.clone(), Vec::new());
        for (cell, input) in self.cells().iter().zip(self.inputs(input)?) {
            let (output, states) = cell.cell.shapes(&input)?;
            found.0 = output;
            found.1.extend(states);
        }
        Ok(found)
    }

    fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        let inputs = self.inputs(input)?;
        let mut cells = self.cell.cells.iter_mut().zip(inputs);
        cells.try_for_each(|(cell, input)| cell.cell.build(&input, rng))
    }

    fn run(
        &self,
        x: Tensor,
        initial: Vec<Tensor>,
        kept: Option<&Kept>,
        all_times: bool,
        cx: &mut Context,
    ) -> Result<Ran<Vec<Saved>>> {
        let mut ran = Ran { y: x, states: Vec::new(), saved: cx.save(Vec::new) };
        let mut initial = initial.into_iter();
        for (i, cell) in self.cells().iter().enumerate() {
            let given = initial.by_ref().take(cell.cell.states()).collect();
            let all_times = all_times || i + 1 < self.cells().len();
            let of_cell = cell.cell.run(ran.y, given, kept, all_times, cx)?;
            ran.y = of_cell.y;
            ran.states.extend(of_cell.states);
            if let Some(saved) = &mut ran.saved {
                saved.extend(of_cell.saved);
            }
        }
        Ok(ran)
    }

    fn run_back(
        &self,
        saved: Vec<Saved>,
        dy: Option<Tensor>,
        states: Vec<Option<Tensor>>,
        kept: Option<&Kept>,
        dw: &mut Gradients<'_>,
    ) -> Result<(Option<Tensor>, Vec<Tensor>)> {
        let mut states = states;
        let (mut dy, mut initial) = (dy, Vec::new());
        states.resize(self.cells().iter().map(|cell| cell.cell.states()).sum(), None);
        let mut end = Cells::params(self).len();
        for (i, (cell, saved)) in self.cells().iter().zip(saved).enumerate().rev() {
            let len = cell.cell.params().len();
            end -= len;
            let own = states.split_off(states.len() - cell.cell.states());
            let wants_dx = i > 0 || dw.wants_dx();
            let (dx, given) =
                cell.cell.run_back(saved, dy, own, kept, &mut dw.part(end, len, wants_dx))?;
            dy = dx;
            initial.splice(0..0, given);
        }
        Ok((dy, initial))
    }

    fn params(&self) -> Vec<&Param> {
        self.cells().iter().flat_map(|cell| cell.cell.params()).collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.cell.cells.iter_mut().flat_map(|cell| cell.cell.params_mut()).collect()
    }

    fn parts(&self) -> Vec<Part<'_>> {
        let mut parts = vec![Part::own(Vec::new())];
        let places = self.numbered().into_iter().zip(self.names());
        for (cell, (place, name)) in self.cells().iter().zip(places) {
            let params = cell.cell.params();
            parts.push(match &self.cell.stack {
                None => Part::held("cell", name, params),
                Some(stack) => {
                    Part::held(format!("cells/{place}"), name, params).within("cell", stack)
                }
            });
        }
        parts
    }

    fn activations_mut(&mut self) -> Vec<(String, &mut AnyActivation)> {
        self.cell.cells.iter_mut().flat_map(|cell| cell.cell.activations_mut()).collect()
    }
}
