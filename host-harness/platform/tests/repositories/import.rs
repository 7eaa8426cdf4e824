//! Import of a folder: everything or nothing, every problem with its line, twice is once.
//! Every test here runs on SQLite and on PostgreSQL.

use crate::world::*;
use platform::*;
use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

on_both_engines! {
    a_folder_is_imported_and_twice_changes_nothing
    a_change_in_the_folder_is_the_only_change
    the_same_folder_leaves_what_was_changed_since
    what_was_removed_since_stays_removed
    lines_and_bytes_are_part_of_their_row
    the_company_s_own_changes_since_stay
    many_rows_are_remembered
    templates_are_judged_by_the_host
    files_nobody_reads_are_reported
    statuses_are_relabelled_and_added_by_kind
    every_bad_row_is_reported_and_nothing_is_stored
    the_report_is_capped_but_counts_all
    paths_stay_inside_the_folder
    only_company_and_customers_are_required
    references_may_point_into_the_store
    progress_moves_to_its_end
}

const COMPANY: &str = r##"slug = "acme"
name = "Acme Plumbing"
locale = "en-US"
time_zone = "America/Denver"
currency = "USD"
phone = "(303) 555-0199"
accent = "#1a6fb5"
logo = "logo.png"
"##;

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn good_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| write(folder.path(), name, text);
    put("company.toml", COMPANY);
    fs::write(folder.path().join("logo.png"), b"\x89PNG\r\n\x1a\n").unwrap();
    put(
        "customers.csv",
        "id,first_name,last_name,company_name,email,internal_notes\nC-1,Zoë,Müller,,zoe@example.com,\"two\nlines\"\nC-2,,,北京建材,,\n",
    );
    put(
        "projects.csv",
        "id,customer_id,name,status,start_date,percent_complete\nP-1,C-1,Remodel,active,today-10,40\n",
    );
    put(
        "jobs.csv",
        "id,customer_id,project_id,title,status,starts,ends\nJ-1,C-1,P-1,Rough-in,scheduled,today+3T09:00,today+3T12:00\nJ-2,C-2,,Leak,warranty,,\n",
    );
    put(
        "estimates.csv",
        "id,customer_id,number,title,status,sent_date,expiration_date,discount,tax_name,tax_rate\nE-1,C-1,2001,Boiler,sent,today-5,today+25,15.00,Sales tax,8.63\n",
    );
    put(
        "estimate_lines.csv",
        "estimate_id,position,name,quantity,unit_price,optional,taxable\nE-1,2,Permit,1,50,no,no\nE-1,1,Boiler,1,100.00,no,yes\nE-1,3,Filter,2,9.99,yes,yes\n",
    );
    put(
        "invoices.csv",
        "id,customer_id,job_id,number,title,status,invoice_date,due_date\nI-1,C-1,J-1,1001,Deposit,issued,today-40,today-10\nI-2,C-2,,1002,Draft,draft,,\n",
    );
    put(
        "invoice_lines.csv",
        "invoice_id,position,name,quantity,unit_price\nI-1,1,Labour,1.5,80\n",
    );
    put(
        "payments.csv",
        "id,customer_id,invoice_id,date,amount,method\nPAY-1,C-1,I-1,today-3,20.00,check\n",
    );
    put(
        "requests.csv",
        "id,customer_id,summary,status,submitted_date,job_id\nR-1,C-1,Drip,scheduled,today-4,J-1\n",
    );
    put(
        "files.csv",
        "id,customer_id,owner_kind,owner_id,name,path,visible\nF-1,C-1,job,J-1,Notes,notes.txt,yes\n",
    );
    put("files/notes.txt", "plain words\n");
    put(
        "statuses.csv",
        "kind,code,label,tone,open\njob,warranty,Warranty visit,warning,yes\n",
    );
    put(
        "templates.csv",
        "id,channel,name,subject,body\nT-1,email,Welcome,Hello {{ customer.first_name }},\"Hi,\nwelcome\"\n",
    );
    folder
}

async fn import(world: &World, folder: &Path) -> Result<ImportReport, ImportError> {
    world
        .platform
        .import(folder, &Actor::system(), &|_| (), &objections)
        .await
}

/// Stands for the host's rules of templates.
fn objections(details: &TemplateDetails) -> Vec<String> {
    let bad = details.body.contains("{{ nonsense");
    bad.then(|| "there is no field “nonsense”".to_owned())
        .into_iter()
        .collect()
}

async fn problems(world: &World, folder: &Path) -> Vec<String> {
    match import(world, folder).await {
        Err(ImportError::Invalid { problems, .. }) => problems,
        other => panic!("expected problems, got {other:?}"),
    }
}

fn total(report: &ImportReport) -> (u64, u64, u64) {
    report.counts.values().fold((0, 0, 0), |sum, counts| {
        (sum.0 + counts.created, sum.1 + counts.updated, sum.2 + counts.unchanged)
    })
}

async fn a_folder_is_imported_and_twice_changes_nothing(world: Arc<World>) {
    let folder = good_folder();
    let report = import(&world, folder.path()).await.unwrap();
    assert_eq!(total(&report), (13, 0, 0), "{report:?}");
    let (platform, id) = (&world.platform, report.company_id.as_str());

    let company = platform.companies().by_slug("acme").await.unwrap();
    assert_eq!((company.first_import_date, company.has_logo), (Some(today()), true));
    let estimate = platform.estimates().get(id, "E-1").await.unwrap();
    assert_eq!(
        (
            estimate.totals.subtotal,
            estimate.totals.discount,
            estimate.totals.tax,
            estimate.totals.total
        ),
        (15_000, 1_500, 777, 14_277)
    );
    assert_eq!(
        platform.estimates().lines(id, "E-1").await.unwrap()[1].details.name,
        "Permit"
    );
    let invoice = platform.invoices().get(id, "I-1").await.unwrap();
    assert_eq!(
        (invoice.status.code.as_str(), invoice.amount_paid, invoice.amount_due),
        ("overdue", 2_000, 10_000)
    );
    let job = platform.jobs().get(id, "J-1").await.unwrap();
    assert_eq!(job.details.starts, Some(jiff::civil::date(2026, 6, 18).at(9, 0, 0, 0)));
    assert_eq!(
        platform.jobs().get(id, "J-2").await.unwrap().status.label,
        "Warranty visit"
    );
    let request = platform.requests().get(id, "R-1").await.unwrap();
    assert_eq!(request.submitted_at, "2026-06-11T15:00:00Z".parse().unwrap());
    assert_eq!(platform.files().get(id, "F-1").await.unwrap().media_type, "text/plain");
    assert_eq!(
        platform.customers().get(id, "C-2").await.unwrap().display_name(),
        "北京建材"
    );
    assert_eq!(
        platform.templates().get(id, "T-1").await.unwrap().details.body,
        "Hi,\nwelcome"
    );
    let log = platform
        .activity()
        .audit(id, None, None, 100)
        .await
        .unwrap()
        .items
        .len();

    // A year later `today` is still the day of the first import.
    world.clock.advance(365 * 24 * 3600);
    let again = import(&world, folder.path()).await.unwrap();
    assert_eq!(total(&again), (0, 0, 13), "{again:?}");
    assert_eq!(platform.jobs().get(id, "J-1").await.unwrap(), job);
    assert_eq!(
        platform
            .activity()
            .audit(id, None, None, 100)
            .await
            .unwrap()
            .items
            .len(),
        log
    );
}

async fn a_change_in_the_folder_is_the_only_change(world: Arc<World>) {
    let folder = good_folder();
    let id = import(&world, folder.path()).await.unwrap().company_id;
    write(
        folder.path(),
        "invoice_lines.csv",
        "invoice_id,position,name,quantity,unit_price\nI-1,1,Labour (senior),1.5,80\n",
    );
    write(
        folder.path(),
        "payments.csv",
        "id,customer_id,invoice_id,date,amount,method\nPAY-1,C-1,I-1,today-3,120.00,check\n",
    );
    let report = import(&world, folder.path()).await.unwrap();
    assert_eq!(total(&report), (0, 2, 11), "{report:?}");
    let lines = world.platform.invoices().lines(&id, "I-1").await.unwrap();
    assert_eq!((lines.len(), lines[0].details.name.as_str()), (1, "Labour (senior)"));
    assert_eq!(
        world.platform.invoices().get(&id, "I-1").await.unwrap().status.code,
        "paid"
    );
}

async fn the_same_folder_leaves_what_was_changed_since(world: Arc<World>) {
    let folder = good_folder();
    let id = import(&world, folder.path()).await.unwrap().company_id;
    let (customers, staff) = (world.platform.customers(), Actor::system());
    let imported = customers.get(&id, "C-1").await.unwrap();
    let mut edited = imported.details.clone();
    edited.phone = "(303) 555-0100".into();
    customers
        .update(&id, "C-1", imported.version, edited.clone(), &staff)
        .await
        .unwrap();
    let invoice = world.platform.invoices().get(&id, "I-1").await.unwrap();
    let mut lines: Vec<_> = world
        .platform
        .invoices()
        .lines(&id, "I-1")
        .await
        .unwrap()
        .into_iter()
        .map(|line| line.details)
        .collect();
    lines[0].unit_price = 9_000;
    world
        .platform
        .invoices()
        .update(&id, "I-1", invoice.version, invoice.details, lines, &staff)
        .await
        .unwrap();

    world.clock.advance(3 * 24 * 3600);
    let again = import(&world, folder.path()).await.unwrap();
    assert_eq!(total(&again), (0, 0, 13), "{again:?}");
    assert_eq!(customers.get(&id, "C-1").await.unwrap().details, edited);
    let invoice = world.platform.invoices().get(&id, "I-1").await.unwrap();
    assert_eq!((invoice.totals.total, invoice.amount_due), (13_500, 11_500));

    // Another order of columns or rows and one more empty column are no change; another cell is, of its record only.
    let csv = "last_name,id,first_name,internal_notes,mobile,company_name,email\n,C-2,,,,北京建材,\nMüller,C-1,Zoë,\"two\nlines\",,,zoe@example.com\n";
    write(folder.path(), "customers.csv", csv);
    assert_eq!(total(&import(&world, folder.path()).await.unwrap()), (0, 0, 13));
    assert_eq!(customers.get(&id, "C-1").await.unwrap().details, edited);
    write(folder.path(), "customers.csv", &csv.replace("zoe@", "zoé@"));
    assert_eq!(total(&import(&world, folder.path()).await.unwrap()), (0, 1, 12));
    let changed = customers.get(&id, "C-1").await.unwrap().details;
    assert_eq!(
        (changed.email.as_str(), changed.phone.as_str()),
        ("zoé@example.com", "")
    );
    // Back to the row before: that is a change again.
    write(folder.path(), "customers.csv", csv);
    assert_eq!(total(&import(&world, folder.path()).await.unwrap()), (0, 1, 12));
    assert_eq!(
        customers.get(&id, "C-1").await.unwrap().details.email,
        "zoe@example.com"
    );
}

async fn what_was_removed_since_stays_removed(world: Arc<World>) {
    let folder = good_folder();
    let id = import(&world, folder.path()).await.unwrap().company_id;
    world
        .platform
        .files()
        .delete(&id, "F-1", &Actor::system())
        .await
        .unwrap();
    assert_eq!(total(&import(&world, folder.path()).await.unwrap()), (0, 0, 13));
    assert!(matches!(
        world.platform.files().get(&id, "F-1").await,
        Err(Error::NotFound)
    ));
    let csv = "id,customer_id,owner_kind,owner_id,name,path,visible\nF-1,C-1,job,J-1,Notes again,notes.txt,yes\n";
    write(folder.path(), "files.csv", csv);
    assert_eq!(total(&import(&world, folder.path()).await.unwrap()), (1, 0, 12));
    assert_eq!(
        world.platform.files().get(&id, "F-1").await.unwrap().name,
        "Notes again"
    );
}

async fn lines_and_bytes_are_part_of_their_row(world: Arc<World>) {
    let folder = good_folder();
    let id = import(&world, folder.path()).await.unwrap().company_id;
    let lines = fs::read_to_string(folder.path().join("estimate_lines.csv")).unwrap();
    write(
        folder.path(),
        "estimate_lines.csv",
        &lines.replace("Filter,2", "Filter,3"),
    );
    write(folder.path(), "files/notes.txt", "other words\n");
    assert_eq!(total(&import(&world, folder.path()).await.unwrap()), (0, 2, 11));
    let lines = world.platform.estimates().lines(&id, "E-1").await.unwrap();
    assert_eq!(lines[2].details.quantity_milli, 3_000);
    assert_eq!(world.platform.files().get(&id, "F-1").await.unwrap().size, 12);
}

async fn the_company_s_own_changes_since_stay(world: Arc<World>) {
    let folder = good_folder();
    let id = import(&world, folder.path()).await.unwrap().company_id;
    let (companies, staff) = (world.platform.companies(), Actor::system());
    let company = companies.get(&id).await.unwrap();
    let mut details = company.details.clone();
    details.phone = "(303) 555-0177".into();
    companies.update(&id, company.version, details, &staff).await.unwrap();
    companies
        .set_logo(&id, Some(b"\x89PNG\r\n\x1a\nnew".as_slice().into()), &staff)
        .await
        .unwrap();
    let own = |code: &str| StatusRow {
        kind: RecordKind::Job,
        status: Status {
            code: code.into(),
            label: "Ours".into(),
            tone: Tone::Info,
            open: true,
        },
    };
    companies
        .set_statuses(&id, vec![own("waiting"), own("scheduled")], &staff)
        .await
        .unwrap();
    let logo = companies.logo(&id).await.unwrap().etag;

    assert_eq!(total(&import(&world, folder.path()).await.unwrap()), (0, 0, 13));
    let company = companies.get(&id).await.unwrap();
    assert_eq!(company.details.phone, "(303) 555-0177");
    assert_eq!(companies.logo(&id).await.unwrap().etag, logo);
    let words = companies.statuses(&id).await.unwrap();
    assert!(words.allows(RecordKind::Job, "waiting") && !words.allows(RecordKind::Job, "warranty"));

    // A changed row may use the company's own status.
    let jobs = fs::read_to_string(folder.path().join("jobs.csv")).unwrap();
    write(folder.path(), "jobs.csv", &jobs.replace(",warranty,", ",waiting,"));
    assert_eq!(total(&import(&world, folder.path()).await.unwrap()), (0, 1, 12));
    // Changed files win again.
    write(
        folder.path(),
        "statuses.csv",
        "kind,code,label\njob,waiting,Waiting for parts\n",
    );
    write(folder.path(), "company.toml", &COMPANY.replace("0199", "0198"));
    assert_eq!(total(&import(&world, folder.path()).await.unwrap()), (0, 1, 12));
    let words = companies.statuses(&id).await.unwrap();
    assert_eq!(words.status(RecordKind::Job, "waiting").label, "Waiting for parts");
    assert_eq!(words.status(RecordKind::Job, "scheduled").label, "Scheduled");
    assert_eq!(companies.get(&id).await.unwrap().details.phone, "(303) 555-0198");
    assert_eq!(companies.logo(&id).await.unwrap().etag, logo);
}

async fn many_rows_are_remembered(world: Arc<World>) {
    let folder = good_folder();
    let mut csv = String::from("id,first_name,last_name\nC-1,Zoë,Müller\nC-2,Bo,Ray\n");
    for n in 0..200 {
        csv.push_str(&format!("N-{n},Ann,Able\n"));
    }
    write(folder.path(), "customers.csv", &csv);
    let id = import(&world, folder.path()).await.unwrap().company_id;
    let customers = world.platform.customers();
    for n in [0, 63, 64, 127, 199] {
        let customer = customers.get(&id, &format!("N-{n}")).await.unwrap();
        let mut details = customer.details;
        details.first_name = "Anna".into();
        customers
            .update(&id, &customer.id, customer.version, details, &Actor::system())
            .await
            .unwrap();
    }
    csv = csv.replace("N-5,Ann,", "N-5,Eva,");
    csv.push_str("N-200,New,Comer\n");
    write(folder.path(), "customers.csv", &csv);
    assert_eq!(total(&import(&world, folder.path()).await.unwrap()), (1, 1, 212));
    for n in [0, 63, 64, 127, 199] {
        let customer = customers.get(&id, &format!("N-{n}")).await.unwrap();
        assert_eq!(customer.details.first_name, "Anna", "{n}");
    }
    assert_eq!(total(&import(&world, folder.path()).await.unwrap()), (0, 0, 214));
}

async fn templates_are_judged_by_the_host(world: Arc<World>) {
    let folder = good_folder();
    let csv =
        "id,channel,name,subject,body\nT-1,email,Welcome,Hello,\"Hi,\nwelcome\"\nT-2,sms,Bad,,Hi {{ nonsense }}\n";
    write(folder.path(), "templates.csv", csv);
    assert_eq!(
        problems(&world, folder.path()).await,
        ["templates.csv:4: there is no field “nonsense”"]
    );
}

async fn files_nobody_reads_are_reported(world: Arc<World>) {
    let folder = good_folder();
    fs::rename(folder.path().join("payments.csv"), folder.path().join("paymens.csv")).unwrap();
    write(folder.path(), "README.md", "Ours.\n");
    write(folder.path(), "files/list.csv", "a file like any other\n");
    let found = problems(&world, folder.path()).await;
    assert_eq!(found.len(), 1, "{found:?}");
    let expected = "paymens.csv:1: an import has no such file, only customers.csv, projects.csv, jobs.csv, ";
    assert!(found[0].starts_with(expected), "{found:?}");
}

async fn statuses_are_relabelled_and_added_by_kind(world: Arc<World>) {
    let folder = good_folder();
    let put = |rows: &str| write(folder.path(), "statuses.csv", &format!("kind,code,label,open\n{rows}"));
    put(
        "job,warranty,Warranty,yes\njob,completed,Closed,yes\nproject,idle,Idle,no\nrequest,spam,Spam,no\n\
         estimate,expired,Lapsed,\ninvoice,overdue,Late,\ninvoice,issued,Billed,\n",
    );
    let id = import(&world, folder.path()).await.unwrap().company_id;
    let words = world.platform.companies().statuses(&id).await.unwrap();
    assert_eq!(words.status(RecordKind::Invoice, "overdue").label, "Late");
    assert!(words.status(RecordKind::Job, "completed").open);
    assert!(words.allows(RecordKind::Project, "idle") && words.allows(RecordKind::Request, "spam"));
    put("job,warranty,Warranty,yes\nestimate,maybe,Maybe,\ninvoice,sent,Sent,\ninvoice,void,Void,yes\njobs,x,X,\n");
    assert_eq!(
        problems(&world, folder.path()).await,
        [
            "statuses.csv:3: estimate has no status \"maybe\", and none can be added",
            "statuses.csv:4: invoice has no status \"sent\", and none can be added",
            "statuses.csv:5: whether invoice \"void\" is open cannot be changed",
            "statuses.csv:6: kind \"jobs\" is none of job, project, estimate, invoice, request",
        ]
    );
}

async fn every_bad_row_is_reported_and_nothing_is_stored(world: Arc<World>) {
    let folder = good_folder();
    let put = |name: &str, text: &str| write(folder.path(), name, text);
    put(
        "customers.csv",
        "id,first_name,last_name,email\nC-1,\"A\nB\",x,zoe@example.com\nC-2,Ann,Able,nonsense\nC-2,Bob,Baker,\n,No,Id,\n",
    );
    put(
        "jobs.csv",
        "id,customer_id,project_id,title,status,starts\nJ-1,C-9,P-1,Visit,scheduled,31/12/2026\nJ-2,C-2,P-1,Visit,dancing,\n",
    );
    put(
        "invoices.csv",
        "id,customer_id,number,title,status,discount\nI-1,C-1,1001,Deposit,issued,-5\n",
    );
    put(
        "invoice_lines.csv",
        "invoice_id,position,name,quantity,unit_price\nI-1,1,Labour,1,-80\nI-7,1,Lost,1,1\n",
    );
    put(
        "payments.csv",
        "id,customer_id,invoice_id,date,amount,method\nPAY-1,C-2,I-1,2026-02-30,20.001,gold\n",
    );
    put("requests.csv", "id,customer_id,summary,status,submitted_date\n");
    put("files.csv", "id,customer_id,owner_kind,owner_id,name,path\n");
    put("estimates.csv", "id,customer_id,number,title,status,colour\n");
    put("estimate_lines.csv", "estimate_id,position,name,quantity,unit_price\n");
    let found = problems(&world, folder.path()).await;
    let expected = [
        "invoice_lines.csv:2: unit_price \"-80\" is negative",
        "customers.csv:2: first_name: Line breaks and control characters are not allowed here.",
        "customers.csv:4: email: This is not an e-mail address such as name@example.com.",
        "customers.csv:5: duplicate id \"C-2\"",
        "customers.csv:6: id is empty",
        "jobs.csv:2: starts \"31/12/2026\" is not a time such as 2026-05-31T09:00 or today+3T09:00",
        "jobs.csv:2: unknown customer \"C-9\"",
        "jobs.csv:3: status: There is no job status \"dancing\".",
        "jobs.csv:3: \"P-1\" in projects belongs to another customer",
        "estimates.csv:1: unknown column \"colour\"",
        "invoices.csv:2: discount \"-5\" is negative",
        "payments.csv:2: date \"2026-02-30\" is not a date such as 2026-05-31 or today+3",
        "payments.csv:2: amount \"20.001\" has more than 2 decimal places",
        "payments.csv:2: method \"gold\" is none of card, bank_transfer, check, cash, other",
        "payments.csv:2: \"I-1\" in invoices belongs to another customer",
        "invoice_lines.csv:3: there is no document \"I-7\"",
    ];
    assert_eq!(found, expected);
    assert!(matches!(
        world.platform.companies().by_slug("acme").await,
        Err(Error::NotFound)
    ));

    write(
        folder.path(),
        "company.toml",
        "slug = \"acme\"\nname = \"Acme\"\nlocale = \"en-US\"\ntime_zone = \"Mars/Base\"\ncurrency = \"USD\"\n",
    );
    assert_eq!(
        problems(&world, folder.path()).await,
        ["company.toml:4: time_zone: Use an IANA time zone such as America/Denver."]
    );
    write(folder.path(), "company.toml", "slug = \"acme\"\ncolour = 3\n");
    assert!(problems(&world, folder.path()).await[0].starts_with("company.toml:2: unknown field `colour`"));
}

async fn the_report_is_capped_but_counts_all(world: Arc<World>) {
    let folder = good_folder();
    let mut csv = String::from("id,first_name,last_name\n");
    for n in 0..1_500 {
        csv.push_str(&format!("C-{n},,\n"));
    }
    write(folder.path(), "customers.csv", &csv);
    let Err(ImportError::Invalid { problems, total }) = import(&world, folder.path()).await else {
        panic!("accepted")
    };
    assert_eq!(
        (
            problems.len(),
            problems[0].starts_with("customers.csv:2: last_name: Give a first name")
        ),
        (1_000, true)
    );
    assert!(total >= 1_500, "{total}");
}

async fn paths_stay_inside_the_folder(world: Arc<World>) {
    let folder = good_folder();
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path().join("secret.txt"), folder.path().join("files/link.txt")).unwrap();
    let absolute = folder.path().join("secret.txt");
    for path in [
        "../secret.txt",
        "files/../../secret.txt",
        "link.txt",
        "missing.txt",
        ".",
        "a/../notes.txt",
        absolute.to_str().unwrap(),
    ] {
        let csv = format!("id,customer_id,owner_kind,owner_id,name,path\nF-1,C-1,job,J-1,Notes,{path}\n");
        write(folder.path(), "files.csv", &csv);
        let expected = format!("files.csv:2: path {path:?} is no file under files/");
        assert_eq!(problems(&world, folder.path()).await, [expected]);
    }
}

async fn only_company_and_customers_are_required(world: Arc<World>) {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "company.toml",
        &COMPANY.replace("logo = \"logo.png\"\n", ""),
    );
    assert_eq!(
        problems(&world, folder.path()).await,
        ["customers.csv:1: the file is missing"]
    );
    write(
        folder.path(),
        "customers.csv",
        "id,first_name,last_name\r\nC-1,Ann,Able\r\n",
    );
    assert_eq!(total(&import(&world, folder.path()).await.unwrap()), (2, 0, 0));
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(
        problems(&world, empty.path()).await,
        ["company.toml:1: the file is missing"]
    );
}

async fn references_may_point_into_the_store(world: Arc<World>) {
    let folder = good_folder();
    let id = import(&world, folder.path()).await.unwrap().company_id;
    for name in [
        "customers.csv",
        "projects.csv",
        "jobs.csv",
        "estimates.csv",
        "estimate_lines.csv",
        "invoices.csv",
        "invoice_lines.csv",
        "requests.csv",
        "files.csv",
    ] {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    write(
        folder.path(),
        "customers.csv",
        "id,first_name,last_name\nC-3,New,Comer\n",
    );
    write(
        folder.path(),
        "payments.csv",
        "id,customer_id,invoice_id,date,amount,method\nPAY-2,C-1,I-1,today,5,cash\n",
    );
    import(&world, folder.path()).await.unwrap();
    assert_eq!(
        world.platform.invoices().get(&id, "I-1").await.unwrap().amount_paid,
        2_500
    );
    write(
        folder.path(),
        "payments.csv",
        "id,customer_id,invoice_id,date,amount,method\nPAY-3,C-3,I-1,today,5,cash\nPAY-4,C-2,I-2,today,5,cash\n",
    );
    assert_eq!(
        problems(&world, folder.path()).await,
        [
            "payments.csv:2: \"I-1\" in invoices belongs to another customer",
            "payments.csv:3: invoice \"I-2\" is a draft and cannot be paid"
        ]
    );
}

async fn progress_moves_to_its_end(world: Arc<World>) {
    let folder = good_folder();
    let seen = Mutex::new(Vec::new());
    let note = |progress: ImportProgress| seen.lock().unwrap().push(progress);
    world
        .platform
        .import(folder.path(), &Actor::system(), &note, &objections)
        .await
        .unwrap();
    let seen = seen.into_inner().unwrap();
    for stage in ["Checking", "Storing files", "Importing"] {
        let last = seen.iter().rfind(|progress| progress.stage == stage).unwrap();
        assert_eq!(last.done, last.total, "{stage}");
    }
}
