//! Reading CSV rows: real line numbers, columns by name, relative dates.
//! What a spreadsheet writes (CRLF, BOM, quotes over several lines) is read as it is meant.

use super::*;
use jiff::civil::date;

const LAYOUT: Layout = Layout {
    file: "things.csv",
    required: &["id", "name"],
    optional: &["note"],
};

fn conventions() -> Conventions {
    Conventions {
        base: date(2026, 3, 1),
        digits: 2,
    }
}

fn read(csv: &str) -> (Vec<(u64, String)>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("things.csv"), csv).unwrap();
    let mut problems = Problems::default();
    let mut rows = Vec::new();
    if let Some(mut table) = Table::open(folder.path(), &LAYOUT, &conventions(), &mut problems).unwrap() {
        while let Some(mut row) = table.next(&mut problems).unwrap() {
            let id = row.id("id");
            rows.push((row.line, id));
            row.finish(&mut problems);
        }
    }
    (rows, problems.lines)
}

#[test]
fn lines_are_counted_through_quoted_line_breaks_and_blank_lines() {
    for end in ["\n", "\r\n"] {
        let csv = [
            "id,name", "a,first", "b,\"two", "lines\"", "", "", "c,third", "d,fourth", "",
        ]
        .join(end);
        let (rows, problems) = read(&csv);
        assert_eq!(problems, Vec::<String>::new());
        let expected = [(2, "a"), (3, "b"), (7, "c"), (8, "d")].map(|(line, id)| (line, id.to_owned()));
        assert_eq!(rows, expected, "line end {end:?}");
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_column() {
    assert_eq!(read("\u{feff}id,name\na,x\n").1, Vec::<String>::new());
}

#[test]
fn unknown_missing_and_repeated_columns_are_named() {
    let problems = read("id,nmae,id\n").1;
    assert_eq!(
        problems,
        [
            "things.csv:1: unknown column \"nmae\"",
            "things.csv:1: column id stands twice",
            "things.csv:1: column name is missing"
        ]
    );
}

#[test]
fn a_row_of_the_wrong_width_is_reported_with_its_line() {
    let problems = read("id,name\na,x\nb\nc,y,z\n").1;
    assert_eq!(
        problems,
        [
            "things.csv:3: 1 cells where the header has 2 columns",
            "things.csv:4: 3 cells where the header has 2 columns"
        ]
    );
}

#[test]
fn ids_are_plain() {
    let problems = read("id,name\na/b,x\n,y\n..,z\n").1;
    assert_eq!(
        problems,
        [
            "things.csv:2: id \"a/b\" is not an id (letters, digits, . _ -; at most 64; not . or ..)",
            "things.csv:3: id is empty",
            "things.csv:4: id \"..\" is not an id (letters, digits, . _ -; at most 64; not . or ..)"
        ]
    );
}

#[test]
fn dates_are_absolute_or_count_from_the_first_import() {
    let base = date(2026, 3, 1);
    assert_eq!(read_date("2026-02-28", base), Some(date(2026, 2, 28)));
    assert_eq!(read_date("today", base), Some(base));
    assert_eq!(read_date("today+3", base), Some(date(2026, 3, 4)));
    assert_eq!(read_date("today-14", base), Some(date(2026, 2, 15)));
    assert_eq!(
        read_date_time("today+1T09:30", base),
        Some(date(2026, 3, 2).at(9, 30, 0, 0))
    );
    assert_eq!(
        read_date_time("2026-12-24T18:00", base),
        Some(date(2026, 12, 24).at(18, 0, 0, 0))
    );
    for bad in [
        "2026-02-30",
        "02/28/2026",
        "today +3",
        "today3",
        "today+",
        "tomorrow",
        "2026-2-8",
        "today+9999999",
    ] {
        assert_eq!(read_date(bad, base), None, "{bad}");
    }
    for bad in [
        "2026-12-24",
        "2026-12-24T24:00",
        "2026-12-24T9:00",
        "2026-12-24 09:00",
        "todayT",
        "T09:00",
    ] {
        assert_eq!(read_date_time(bad, base), None, "{bad}");
    }
}
