//! Importing a company's folder on the command line: every bad row is named with its line, nothing is half-imported,
//! the same folder twice changes nothing.

use std::path::Path;
use std::process::Output;

use conformance::host;
use tempfile::TempDir;

const COMPANY: &str = "slug = \"acme\"\nname = \"Acme\"\nlocale = \"en-US\"\ntime_zone = \"America/Denver\"\ncurrency = \"USD\"\ncountry = \"US\"\n";
const CUSTOMERS: &str = "id,first_name,last_name,email\nC1,Ann,Lee,ann@example.com\nC2,Bo,Ray,\n";

struct Import {
    data: TempDir,
    company: TempDir,
}

impl Import {
    fn new() -> anyhow::Result<Self> {
        let import = Self {
            data: host::folder()?,
            company: host::folder()?,
        };
        import.write("company.toml", COMPANY)?;
        import.write("customers.csv", CUSTOMERS)?;
        Ok(import)
    }

    fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        Ok(std::fs::write(self.company.path().join(name), text)?)
    }

    fn run(&self) -> anyhow::Result<Output> {
        self.run_folder(self.company.path())
    }

    fn run_folder(&self, folder: &Path) -> anyhow::Result<Output> {
        host::command(&self.data, &["import", &folder.display().to_string()])
    }

    /// Runs and returns the complaints, which there must be.
    fn complaints(&self) -> anyhow::Result<String> {
        let output = self.run()?;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(
            text.contains("Nothing was imported") || text.contains("nothing was imported"),
            "{text}"
        );
        Ok(text)
    }
}

fn summary(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn every_bad_row_is_named_with_file_line_and_reason() -> anyhow::Result<()> {
    let import = Import::new()?;
    import.write(
        "customers.csv",
        "id,first_name,last_name,email\nC1,Ann,Lee,ann@example.com\nC1,Bo,Ray,\n,No,Id,\nC4,,,\n",
    )?;
    import.write(
        "invoices.csv",
        "id,customer_id,number,title,status,invoice_date,due_date\n\
         I1,C1,1,Repair,issued,2026-02-30,2026-03-01\n\
         I2,NOBODY,2,Repair,issued,2026-02-01,2026-03-01\n\
         I3,C1,3,Repair,perhaps,2026-02-01,2026-03-01\n",
    )?;
    import.write(
        "invoice_lines.csv",
        "invoice_id,position,name,quantity,unit_price\nI3,1,Labour,2,-10.00\nI3,2,Parts,one,5\n",
    )?;
    let said = import.complaints()?;
    for place in [
        "customers.csv:3:",
        "customers.csv:4:",
        "customers.csv:5:",
        "invoices.csv:2:",
        "invoices.csv:3:",
        "invoices.csv:4:",
        "invoice_lines.csv:2:",
        "invoice_lines.csv:3:",
    ] {
        assert!(said.contains(place), "{place} in\n{said}");
    }
    assert!(said.contains("NOBODY"), "{said}");

    // Nothing was half-imported: the repaired folder is all new.
    import.write("customers.csv", CUSTOMERS)?;
    for file in ["invoices.csv", "invoice_lines.csv"] {
        std::fs::remove_file(import.company.path().join(file))?;
    }
    let output = import.run()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let line = summary(&output)
        .lines()
        .find(|line| line.contains("customers"))
        .unwrap_or_default()
        .to_owned();
    assert!(line.contains("2 new"), "{}", summary(&output));
    Ok(())
}

#[test]
fn wrong_and_missing_columns_are_told_before_any_row() -> anyhow::Result<()> {
    let import = Import::new()?;
    import.write("customers.csv", "id,first_nam,last_name\nC1,Ann,Lee\n")?;
    let said = import.complaints()?;
    assert!(
        said.contains("customers.csv:1:") && said.contains("first_nam"),
        "{said}"
    );
    import.write("customers.csv", "first_name,last_name\nAnn,Lee\n")?;
    let said = import.complaints()?;
    assert!(said.contains("customers.csv:1:") && said.contains("id"), "{said}");
    Ok(())
}

#[test]
fn a_folder_or_file_that_is_not_there_or_not_text_is_said_plainly() -> anyhow::Result<()> {
    let import = Import::new()?;
    let missing = import.run_folder(&import.company.path().join("nowhere"))?;
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("nowhere"));
    std::fs::write(
        import.company.path().join("customers.csv"),
        b"id,first_name,last_name\nC1,\xff\xfe,Lee\n",
    )?;
    let said = import.complaints()?;
    assert!(said.contains("customers.csv"), "{said}");
    std::fs::remove_file(import.company.path().join("company.toml"))?;
    let output = import.run()?;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("company.toml:1: the file is missing"), "{said}");
    Ok(())
}

#[test]
fn templates_that_could_not_be_saved_are_told_with_the_nearest_field() -> anyhow::Result<()> {
    let import = Import::new()?;
    let head = "id,channel,name,subject,body\n";
    import.write(
        "templates.csv",
        &format!(
            "{head}T1,email,Wrong,Hello {{{{ customer.first_nam }}}},\"Hi,\nthere\"\n\
             T2,sms,Open,,Hi {{{{ unclosed\n\
             T3,email,Plugin,Hello,{{{{ plugin.some_plugin.link }}}}\n\
             T4,sms,Both,,{{{{ plugin.some_plugin.link }}}} {{{{ customer.nope }}}}\n"
        ),
    )?;
    let said = import.complaints()?;
    for part in [
        "templates.csv:2: Subject, line 1:7: There is no field “customer.first_nam”. Did you mean “customer.first_name”?",
        "templates.csv:4: Message, line 1:4: ",
        "templates.csv:6: Message, line 1:31: There is no field “customer.nope”. Did you mean “customer.",
        "3 problems.",
    ] {
        assert!(said.contains(part), "{part} in\n{said}");
    }
    import.write(
        "templates.csv",
        &format!("{head}T3,email,Plugin,Hello,{{{{ plugin.some_plugin.link }}}}\n"),
    )?;
    let output = import.run()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

#[test]
fn a_misspelt_file_and_an_id_no_address_can_hold_are_told() -> anyhow::Result<()> {
    let import = Import::new()?;
    import.write("paymens.csv", "id,customer_id,date,amount,method\n")?;
    import.write("customers.csv", "id,first_name,last_name\n..,Ann,Lee\n.,Bo,Ray\n")?;
    let said = import.complaints()?;
    for place in [
        "paymens.csv:1: ",
        "customers.csv:2: id \"..\"",
        "customers.csv:3: id \".\"",
    ] {
        assert!(said.contains(place), "{place} in\n{said}");
    }
    Ok(())
}

#[test]
fn importing_the_same_folder_twice_changes_nothing() -> anyhow::Result<()> {
    let import = Import::new()?;
    let demo = host::root().join("demo/summit");
    let first = import.run_folder(&demo)?;
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let second = import.run_folder(&demo)?;
    assert!(second.status.success(), "{}", String::from_utf8_lossy(&second.stderr));
    let rows: Vec<String> = summary(&second)
        .lines()
        .filter(|line| line.contains(" new "))
        .map(str::to_owned)
        .collect();
    assert!(!rows.is_empty(), "{}", summary(&second));
    for row in rows {
        assert!(row.contains(" 0 new") && row.contains(" 0 changed"), "{row}");
    }
    Ok(())
}

#[test]
fn many_bad_rows_are_capped_and_counted() -> anyhow::Result<()> {
    let import = Import::new()?;
    let mut customers = "id,first_name,last_name\n".to_owned();
    for _ in 0..5000 {
        customers.push_str("SAME,Ann,Lee\n");
    }
    import.write("customers.csv", &customers)?;
    let said = import.complaints()?;
    let named = said.lines().filter(|line| line.starts_with("customers.csv:")).count();
    assert_eq!(named, 1000, "a thousand are named");
    assert!(
        said.contains("4999") || said.contains("4,999"),
        "all are counted: {}",
        said.lines().last().unwrap_or_default()
    );
    Ok(())
}
