//! Components that no tool makes, by writing more sections behind a fixture guest or a whole file by hand.
//! What is added to a guest runs before the guest does, each time it is instantiated.

use crate::guests::bytes;
use wasm_encoder::{
    Alias, CodeSection, Component, ComponentAliasSection, ComponentExportKind, ComponentImportSection,
    ComponentInstanceSection, ComponentSection, ComponentTypeRef, ComponentTypeSection, CustomSection, Function,
    FunctionSection, InstanceSection, Instruction, MemorySection, MemoryType, Module, ModuleArg, RawSection, RefType,
    StartSection, TableSection, TableType, TypeSection,
};
use wasmparser::{Parser, Payload};

const NO_ARGUMENTS: [(&str, ModuleArg); 0] = [];

/// A whole component by hand.
pub(crate) fn component(sections: &[&dyn ComponentSection]) -> Vec<u8> {
    let mut whole = Component::new().finish();
    for section in sections {
        section.append_to_component(&mut whole);
    }
    whole
}

/// A `plugin.toml` as its custom section.
pub(crate) fn manifest(text: &str) -> CustomSection<'_> {
    CustomSection {
        name: "plugin-manifest".into(),
        data: text.as_bytes().into(),
    }
}

/// A fixture guest with more sections behind its own.
fn extended(guest: &str, sections: &[&dyn ComponentSection]) -> Vec<u8> {
    let mut whole = bytes(guest);
    for section in sections {
        section.append_to_component(&mut whole);
    }
    whole
}

/// A fixture guest that instantiates further core modules, each `times` over, before anything else.
pub(crate) fn with_modules(guest: &str, module: &Module, times: u32) -> Vec<u8> {
    let index = count(guest, |payload| matches!(payload, Payload::ModuleSection { .. }));
    let mut instances = InstanceSection::new();
    for _ in 0..times {
        instances.instantiate(index, NO_ARGUMENTS);
    }
    extended(guest, &[&wasm_encoder::ModuleSection(module), &instances])
}

/// How many sections of a kind stand at the top of a guest.
fn count(guest: &str, kind: impl Fn(&Payload<'_>) -> bool) -> u32 {
    let (mut depth, mut found) = (0, 0);
    for payload in Parser::new(0).parse_all(&bytes(guest)) {
        let payload = payload.unwrap();
        if depth == 1 && kind(&payload) {
            found += 1;
        }
        match payload {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            _ => {}
        }
    }
    found
}

/// A core module with `tables` tables, `memories` memories and one function, which runs when it is instantiated.
pub(crate) fn module(tables: u32, memories: u32, body: &[Instruction<'_>]) -> Module {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut table_section = TableSection::new();
    for _ in 0..tables {
        table_section.table(TableType {
            element_type: RefType::FUNCREF,
            minimum: 1,
            maximum: None,
            table64: false,
            shared: false,
        });
    }
    let mut memory_section = MemorySection::new();
    for _ in 0..memories {
        memory_section.memory(MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
    }
    let mut code = CodeSection::new();
    let mut function = Function::new([]);
    for instruction in body {
        function.instruction(instruction);
    }
    function.instruction(&Instruction::End);
    code.function(&function);
    let mut module = Module::new();
    module
        .section(&types)
        .section(&functions)
        .section(&table_section)
        .section(&memory_section)
        .section(&StartSection { function_index: 0 })
        .section(&code);
    module
}

/// A core module with one large function that does nothing but count.
pub(crate) fn large_function(bytes: usize) -> Module {
    let mut body = Vec::new();
    while body.len() < bytes / 2 {
        body.push(Instruction::I32Const(1));
        body.push(Instruction::Drop);
    }
    module(0, 0, &body)
}

/// A guest with components behind it, each of which instantiates the one before `width` times: the last would be
/// `width` to the power of `depth` instances.
pub(crate) fn avalanche(guest: &str, depth: u32, width: u32) -> Vec<u8> {
    let first = count(guest, |payload| matches!(payload, Payload::ComponentSection { .. }));
    let mut sections: Vec<u8> = Vec::new();
    let mut leaf = Component::new();
    leaf.section(&wasm_encoder::ModuleSection(&module(0, 0, &[])));
    let mut instances = InstanceSection::new();
    instances.instantiate(0, NO_ARGUMENTS);
    leaf.section(&instances);
    wasm_encoder::NestedComponentSection(&leaf).append_to_component(&mut sections);
    for level in 0..depth {
        let mut next = Component::new();
        let mut aliases = ComponentAliasSection::new();
        aliases.alias(Alias::Outer {
            kind: wasm_encoder::ComponentOuterAliasKind::Component,
            count: 1,
            index: first + level,
        });
        next.section(&aliases);
        next.section(&instantiating(0, width));
        wasm_encoder::NestedComponentSection(&next).append_to_component(&mut sections);
    }
    instantiating(first + depth, 1).append_to_component(&mut sections);
    let mut whole = bytes(guest);
    whole.extend(sections);
    whole
}

fn instantiating(component: u32, times: u32) -> ComponentInstanceSection {
    let mut instances = ComponentInstanceSection::new();
    for _ in 0..times {
        instances.instantiate(component, Vec::<(&str, ComponentExportKind, u32)>::new());
    }
    instances
}

/// A component that wants another component from whoever instantiates it.
pub(crate) fn wanting_a_component() -> Vec<u8> {
    let mut types = ComponentTypeSection::new();
    types.component(&wasm_encoder::ComponentType::new());
    let mut imports = ComponentImportSection::new();
    imports.import("made-elsewhere", ComponentTypeRef::Component(0));
    let mut inner = Component::new();
    inner.section(&types).section(&imports);
    component(&[&wasm_encoder::NestedComponentSection(&inner)])
}

/// A component that imports one empty interface of the given name.
pub(crate) fn importing(name: &str, manifest_text: &str) -> Vec<u8> {
    let mut types = ComponentTypeSection::new();
    types.instance(&wasm_encoder::InstanceType::new());
    let mut imports = ComponentImportSection::new();
    imports.import(name, ComponentTypeRef::Instance(0));
    component(&[&manifest(manifest_text), &types, &imports])
}

/// Components within components.
pub(crate) fn nested(depth: usize) -> Vec<u8> {
    let mut inner = Component::new();
    for _ in 0..depth {
        let mut outer = Component::new();
        outer.section(&wasm_encoder::NestedComponentSection(&inner));
        inner = outer;
    }
    inner.finish()
}

/// A list of lists of lists.
pub(crate) fn deep_type(depth: u32) -> Vec<u8> {
    let mut types = ComponentTypeSection::new();
    types.defined_type().primitive(wasm_encoder::PrimitiveValType::U8);
    for below in 0..depth {
        types.defined_type().list(wasm_encoder::ComponentValType::Type(below));
    }
    component(&[&types])
}

/// A file that says it has `count` of something and then ends.
pub(crate) fn boastful(section: u8, count: u32) -> Vec<u8> {
    let mut data = Vec::new();
    wasm_encoder::Encode::encode(&count, &mut data);
    component(&[&RawSection {
        id: section,
        data: &data,
    }])
}
