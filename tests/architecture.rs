//! The modules of `src/` use each other in one direction, and some do not know certain crates.

use std::path::{Path, PathBuf};

/// A module may use itself and those of earlier rows.
const ROWS: [&[&str]; 9] = [
    &["domain"],
    &["config"],
    &["telemetry"],
    &["background"],
    &["store"],
    &["auth"],
    &["api"],
    &["lambda", "local"],
    &["main"],
];

/// What must not occur in the code of a module.
const UNKNOWN: [(&str, &[&str]); 3] = [
    ("domain", &["http::", "axum::", "aws_"]),
    ("auth", &["http::", "axum::", "aws_"]),
    ("telemetry", &["axum::", "aws_"]),
];

#[test]
fn every_module_uses_only_those_before_it() {
    for (module, file, code) in sources() {
        let row = |name: &str| {
            let found = ROWS.iter().position(|row| row.contains(&name));
            found.unwrap_or_else(|| panic!("{file}: `{name}` is in no row of this test"))
        };
        for used in words_after(&code, "crate::") {
            let allowed = used == module || row(used) < row(&module);
            assert!(allowed, "{file}: {module} must not use {used}");
        }
    }
}

#[test]
fn a_module_does_not_name_the_crates_it_must_not_know() {
    for (module, file, code) in sources() {
        let unknown = UNKNOWN.iter().filter(|(known, _)| *known == module);
        for name in unknown.flat_map(|(_, names)| *names) {
            let found = words_after(&code, name).next();
            assert_eq!(found, None, "{file}: {module} must not name {name}");
        }
    }
}

/// The words that follow `prefix`, wherever it begins a word itself. `crate::{` gives an empty one,
/// which is in no row: each module is imported by a line of its own.
fn words_after<'a>(code: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let found = code.match_indices(prefix);
    let found = found.filter(move |(at, _)| !code[..*at].ends_with(in_word));
    found.map(move |(at, _)| {
        let rest = &code[at + prefix.len()..];
        rest.split(|c| !in_word(c)).next().unwrap_or_default()
    })
}

/// Module, path and code without comments of every file, except for `lib.rs`, which lists the
/// modules.
fn sources() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    let mut left = vec![root.clone()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            let entries = path.read_dir().expect("a folder");
            left.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|kind| kind == "rs") && path != root.join("lib.rs") {
            let below: PathBuf = path.strip_prefix(&root).expect("below src").into();
            let module = below.iter().next().expect("a name").to_string_lossy();
            let module = module.trim_end_matches(".rs").to_owned();
            let code = std::fs::read_to_string(&path).expect("a readable file");
            let code = code
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            let code = code.collect::<Vec<_>>().join("\n");
            sources.push((module, below.display().to_string(), code));
        }
    }
    assert!(sources.len() > 30, "found {} files", sources.len());
    sources
}
