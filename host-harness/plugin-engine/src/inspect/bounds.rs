//! How much a component would cost before any of it is compiled: nested components that instantiate each other
//! over and over, and functions that a compiler would take too long for. Counted, never guessed from size.

use crate::{config::Limits, error::Refusal};
use wasmparser::{
    BinaryReaderError, ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentTypeRef, Payload,
};

/// The modules and components that are open while a file is read, and what the finished ones cost.
///
/// Instantiating a component repeats every instantiation inside it, so a hundred short components, each of which
/// instantiates the one before twice, would be compiled into more than there are atoms. What is counted is never
/// less than what would be made: each instantiation counts as one of the most expensive component so far. That
/// holds as long as only components that stand finished in the file can be instantiated, so components that are
/// handed around as values are refused; no tool makes them.
pub(super) struct Bounds<'a> {
    limits: &'a Limits,
    /// Instances made by each open module or component.
    open: Vec<u64>,
    /// Instances made by the most expensive finished one.
    heaviest: u64,
}

impl<'a> Bounds<'a> {
    pub(super) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            open: Vec::new(),
            heaviest: 1,
        }
    }

    /// How deep the file is open: 1 in the component itself.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Take the next piece of the file into account.
    pub(super) fn check(&mut self, payload: &Payload<'_>) -> Result<(), Refusal> {
        let malformed = |e: BinaryReaderError| super::malformed(&e);
        match payload {
            Payload::Version { .. } => self.open.push(1),
            Payload::End(_) => {
                let made = self.open.pop().unwrap_or_default();
                self.heaviest = self.heaviest.max(made);
            }
            Payload::InstanceSection(section) => self.made(u64::from(section.count()))?,
            Payload::ComponentInstanceSection(section) => {
                for instance in section.clone() {
                    self.made(match instance.map_err(malformed)? {
                        ComponentInstance::Instantiate { .. } => self.heaviest,
                        ComponentInstance::FromExports(_) => 1,
                    })?;
                }
            }
            Payload::ComponentImportSection(section) => {
                for import in section.clone() {
                    if matches!(import.map_err(malformed)?.ty, ComponentTypeRef::Component(_)) {
                        return Err(handed_around());
                    }
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section.clone() {
                    if let ComponentAlias::InstanceExport {
                        kind: ComponentExternalKind::Component,
                        ..
                    } = alias.map_err(malformed)?
                    {
                        return Err(handed_around());
                    }
                }
            }
            Payload::CodeSectionEntry(body) => self.function(body.as_bytes().len())?,
            _ => {}
        }
        Ok(())
    }

    fn made(&mut self, instances: u64) -> Result<(), Refusal> {
        let most = self.limits.instantiations;
        if let Some(open) = self.open.last_mut() {
            *open = open.saturating_add(instances);
            if *open > most {
                return Err(Refusal::TooComplex(format!(
                    "its components instantiate each other more than {most} times"
                )));
            }
        }
        Ok(())
    }

    fn function(&self, bytes: usize) -> Result<(), Refusal> {
        let most = self.limits.function_bytes;
        if bytes > most {
            return Err(Refusal::TooComplex(format!(
                "one of its functions has {bytes} bytes, and at most {most} are allowed"
            )));
        }
        Ok(())
    }
}

fn handed_around() -> Refusal {
    Refusal::TooComplex("it hands components around as values".to_owned())
}
