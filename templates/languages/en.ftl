# The portal's words in English, the reference for every other language (Project Fluent syntax).
# A message here is a method of `Words` in the plugin: `my-jobs` is `words.my_jobs()`.

language-name = English
text-direction = ltr

## Numbers, money, dates and times. $region is an ISO 3166 code such as US.

number-decimal = { $region ->
    [ZA] ,
   *[other] .
}
number-group = { $region ->
    [ZA] {"\u00A0"}
   *[other] ,
}
# Digits a number needs before it is grouped, and the size of the groups before the last three.
number-group-from = { $region ->
   *[other] 4
}
number-group-size = { $region ->
    [IN] 2
   *[other] 3
}
money-pattern = { $region ->
   *[other] { $symbol }{ $amount }
}
percent = { $number }%
size-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}
size-kilobytes = { $number } KB
size-megabytes = { $number } MB
hours-of-clock = { $region ->
    [GB] 24
    [IE] 24
    [ZA] 24
   *[other] 12
}
time-twelve = { $hour }:{ $minute } { $half }
time-plain = { $hour }:{ $minute }
half-am = AM
half-pm = PM
range = { $start }–{ $end }
date-medium = { $region ->
    [US] { $month } { $day }, { $year }
    [CA] { $month } { $day }, { $year }
   *[other] { $day } { $month } { $year }
}
date-weekday = { $region ->
    [US] { $weekday }, { $month } { $day }
    [CA] { $weekday }, { $month } { $day }
   *[other] { $weekday } { $day } { $month }
}
date-weekday-year = { $region ->
    [US] { $weekday }, { $month } { $day }, { $year }
    [CA] { $weekday }, { $month } { $day }, { $year }
   *[other] { $weekday } { $day } { $month } { $year }
}
until = until { $date }
month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec
weekday-1 = Mon
weekday-2 = Tue
weekday-3 = Wed
weekday-4 = Thu
weekday-5 = Fri
weekday-6 = Sat
weekday-7 = Sun

## The frame

portal = Customer portal
skip = Skip to the content
sections = Sections
my-details = My Details
submit-request = Submit Request
my-jobs = My Jobs
my-projects = My Projects
my-estimates = My Estimates
my-invoices = My Invoices
my-payments = My Payments
opens-new-tab = (opens in a new tab)
sign-out = Sign Out
call = Call
call-number = Call { $number }
questions = Questions?
questions-lead = We are happy to help.
contact = Contact { $company }
language-label = Language
back-to = Back to { $section }
back-to-details = Back to My Details
print = Print
page-title = { $title } · { $company }
page-title-error = Error: { $title } · { $company }

## Lists

job = Job
project = Project
estimate = Estimate
invoice = Invoice
payment = Payment
date-label = Date
time-label = Time
status-label = Status
completion = Completion
sent-date = Sent date
expiration-date = Expiration date
total-amount = Total amount
invoice-date = Invoice date
due-date = Due date
amount-paid = Amount paid
amount-due = Amount due
method-label = Method
show-open = Open
show-past = Past
show-which = Which to show
search = Search
search-in = Search { $section }
clear-search = Clear the search
next-page = Next page
first-page = Back to the first page
pages = Pages
not-scheduled = Not scheduled yet
led-by = Led by { $name }
for-invoice = For invoice { $number }
nothing-found = Nothing here matches “{ $search }”.
empty-heading = Nothing here yet
empty-heading-search = No matches
no-open-jobs = Visits that are planned or under way appear here, with their date and time.
no-past-jobs = Finished visits appear here, with their files.
no-open-projects = Work that takes several visits appears here, with how far it is.
no-past-projects = Finished projects appear here.
no-open-estimates = Estimates that wait for your decision appear here.
no-past-estimates = Estimates you decided about, or that have expired, appear here.
no-open-invoices = You owe nothing. Invoices to pay appear here.
no-past-invoices = Paid invoices appear here.
no-payments = Every payment you make appears here, with its date and method.

## The main page

good-morning = Good morning, { $name }
good-afternoon = Good afternoon, { $name }
good-evening = Good evening, { $name }
things-waiting = { $count ->
    [0] Nothing needs you right now.
    [one] One thing needs you.
   *[other] { $count } things need you.
}
needs-you = Needs you
estimate-waiting = Waiting for your decision
invoice-waiting = Waiting for payment
expires-today = Expires today
expires-on = Expires { $date }
due-today = Due today
due-on = Due { $date }
days-overdue = { $count ->
    [one] { $count } day overdue
   *[other] { $count } days overdue
}
estimate-numbered = Estimate { $number }
invoice-numbered = Invoice { $number }
view-estimate = View estimate
view-invoice = View invoice
view-job = View job
next-visit = Next visit
job-with = { $job } with { $name }
all-estimates = { $count ->
    [one] { $count } open estimate
   *[other] All { $count } open estimates
}
all-invoices = { $count ->
    [one] { $count } open invoice
   *[other] All { $count } open invoices
}
later-visits = After that
all-jobs = All jobs
my-requests = My requests
all-requests = All requests
sent-on = Sent { $date }
preferred-on = for { $date }
new-request = Submit a new request
no-requests = Requests you send us appear here, with what became of them.
last-changed = Last changed { $date }
your-contact = Contact details
your-contact-lead = How we reach you, and where we come to.

## Contact details

name = Name
first-name = First name
last-name = Last name
company-name = Company name
email = E-mail
phone = Phone
mobile = Mobile
street = Street address
unit = Apartment or suite
city = City
region = State
postal-code = ZIP code
address = Address
save-changes = Save Changes
saved = Saved
saved-lead = Your details are up to date.
problem-heading = There is a problem
stale-heading = Your details changed in the meantime
stale-body = Someone, perhaps you in another tab, changed them after you opened this page. Nothing you typed is lost: compare it with what is on file now, then save again.
on-file-now = On file now: { $value }
empty-value = empty
form-incomplete = The form arrived incomplete. Please check it and save again.
form-twice = A field arrived twice. Please check the form and save again.
form-too-long = What was sent is too long for this form.
error-name = Enter a first name, a last name or a company name
error-email = Enter an e-mail address like name@example.com
error-phone = Enter a telephone number like (303) 555-0100
error-longer-than = { $count ->
    [one] Use { $count } character at most
   *[other] Use { $count } characters at most
}
error-unprovable = We cannot check a new address right now. Contact us to change it
error-needed-to-sign-in = You sign in with this address. Put another one in its place
error-required = This must not be empty
error-too-long = This is too long
error-malformed = This does not look right
error-not-allowed = This cannot be used here
error-taken = Someone else uses this already
error-too-short = This is too short
error-too-common = This is too easy to guess
error-out-of-range = This is out of range

## Details of records

description = Description
technician = Technician
service-address = Service address
starts = Start
target-date = Planned end
manager = Project lead
prepared-by = Prepared by
percent-complete = { $number }% complete
files = Files
view = View
download = Download
file-pdf = PDF
file-image = Image
file-other = File
at-a-glance = At a glance
when = When
item = Item
quantity-label = Qty
unit-price = Price
amount = Amount
optional = Optional
not-included = Not included
subtotal = Subtotal
discount = Discount
tax = { $name } { $rate }
total = Total
whats-included = What’s included
whats-charged = What this is for
notes = Notes
terms = Terms
valid-through = Valid through { $date }
decision-accepted = Accepted by { $name } on { $date }
decision-declined = Declined by { $name } on { $date }
decision-changes = Changes requested by { $name } on { $date }
decide-heading = Ready to go ahead?
decide-body = Call or write to us to accept this estimate or to ask for changes.
payments-made = Payments
how-to-pay = How to pay
pay-now = Pay now
reference = Reference
payment-of = Payment of { $amount }
payment-thanks = Thank you for your payment.
method-card = Card
method-bank-transfer = Bank transfer
method-check = Check
method-cash = Cash
method-other = Other

## Statuses everybody has; a company's own words win in its own language

status-unscheduled = Not scheduled
status-scheduled = Scheduled
status-confirmed = Confirmed
status-in-progress = In progress
status-on-hold = On hold
status-completed = Completed
status-cancelled = Cancelled
status-planned = Planned
status-active = Active
status-sent = Waiting for you
status-changes-requested = Changes requested
status-accepted = Accepted
status-declined = Declined
status-superseded = Replaced
status-expired = Expired
status-unpaid = Unpaid
status-partly-paid = Partly paid
status-overdue = Overdue
status-paid = Paid
status-void = Void
status-new = Received
status-done = Done

## Links, signing in and up

continue-to = Continue to { $company }
continue-lead = Your customer portal opens in a moment.
continue-button = Continue
link-over-heading = This link no longer works
link-over-body = Links open the portal of { $company } for a limited time. With a fresh one you are back in a minute.
fresh-link-heading = Get a fresh link
fresh-link-lead = { $company } sends it to the address on file for you.
fresh-link-on-file = The fresh link goes to the address we have on file:
fresh-link-hint = The address we have on file for you. The link goes there and nowhere else.
fresh-link-button = Send me a fresh link
fresh-link-sent-heading = Look at your messages
fresh-link-sent-body = If we have you on file, a fresh link is on its way to you. It can take a few minutes; look among the unwanted mail too. When nothing comes, call or write to us.
sign-in = Sign In
sign-in-lead = Enter the e-mail address and password of your portal.
sign-in-other = Did you get a link from us in an e-mail or text message? Open it: it leads to your portal, or to creating a password.
sign-in-refused = The e-mail address or the password is not right. Check both and try again.
signed-out = You are signed out
visit-over-heading = Your visit has ended, nothing was saved
visit-over-body = Open your link again, or sign in. Then come back to this page and go one step back in your browser: what you typed is still there, and you can save it.
password = Password
show-password = Show
hide-password = Hide
sign-up = Sign Up
sign-up-lead = Create a password for your customer portal. From then on you sign in with it.
sign-up-on-file = This is the address we have on file for you. To use another one, enter it: we send a code to it first, and you choose your password on the next page.
sign-up-first-email = We send a code to this address. You choose your password on the next page.
sign-up-no-email-heading = We have no e-mail address for you yet
sign-up-no-email = You need one to sign up. Tell { $company } your e-mail address, then open your link again.
sign-up-other-email = Use the e-mail address on file. To change it, contact us.
sign-up-taken = This e-mail address already has a portal. Use another one, or contact us.
send-code = Send the code
code-heading = Check your e-mail
code-sent-to = We sent a code of six digits to { $email }. It works for 15 minutes.
code-label = Code
code-password-again = Enter your password again: it is not kept until the address is proven.
code-wrong = The code is not right. Check it and try again.
code-over = This code no longer works. Send a new one below.
code-again = Send a new code
code-resent = A new code is on its way
code-resent-lead = The one before no longer works.
code-other-address = Use another e-mail address
password-rule = { $count ->
    [one] At least { $count } character. A few words are easier to remember than one.
   *[other] At least { $count } characters. A few words are easier to remember than one.
}
password-rule-names = It is not your e-mail address or our name.
password-rules-met = All of it is met.
password-too-short = { $count ->
    [one] Use at least { $count } character for the password
   *[other] Use at least { $count } characters for the password
}
password-too-long = Use a shorter password
password-too-common = Use a password that is harder to guess

## Forgotten and new passwords, and where the portal is open

forgot-password = Forgot your password?
forgot-lead = Enter the e-mail address you sign in with. We send a link to it with which you choose a new password.
forgot-button = Send the link
forgot-sent-heading = Check your e-mail
forgot-sent-body = If we know this address, a link is on its way to it. It can take a minute; look among the unwanted mail as well. If nothing arrives, check the address or contact us.
forgot-again = Try another address
forgot-no-email = We cannot send you an e-mail. Contact { $company } and we will help you back in.
back-to-sign-in = Back to Sign In
reset-heading = Choose a new password
reset-lead = You sign in with it from now on. Every device that is signed in now is signed out.
reset-over-heading = This link no longer works
reset-over-body = A link to choose a new password works once, and for one hour. Ask for a new one and you are back in a minute.
new-password = New password
save-password = Save Password
account = Sign-in & security
account-email = You sign in with { $email }.
change-password = Change password
change-password-lead = Every other device is signed out when you change it.
current-password = Current password
current-password-wrong = The current password is not right
password-changed = Your password is changed
password-changed-lead = Every other device is signed out.
devices = Signed-in devices
devices-lead = Where your portal is open now.
this-device = This device
device-on = { $browser } on { $system }
device-unknown = A browser
device-since = Since { $date }
seen-now = in use now
seen-minutes-ago = { $count ->
    [one] used { $count } minute ago
   *[other] used { $count } minutes ago
}
seen-hours-ago = { $count ->
    [one] used { $count } hour ago
   *[other] used { $count } hours ago
}
seen-days-ago = { $count ->
    [one] used { $count } day ago
   *[other] used { $count } days ago
}
sign-out-others = Sign out the others
others-signed-out = The other devices are signed out
device-signed-out = The device is signed out

## E-mails and text messages

mail-greeting = Hello { $name },
mail-greeting-plain = Hello,
mail-code-subject = Your code for { $company }
mail-code-body = Your code is { $code }. Enter it on the page where you asked for it. It works for 15 minutes.
mail-code-ignore = If you did not ask for it, ignore this e-mail: without the code nothing changes.
mail-registered-subject = A password was created for your customer portal
mail-registered-body = A password was created for your customer portal at { $company }, with another e-mail address than the one we have on file.
mail-registered-alarm = If this was not you, contact us at once.
mail-reset-subject = Choose a new password for { $company }
mail-reset-body = Open this link to choose a new password for your customer portal at { $company }. It works once, and for one hour.
mail-reset-ignore = If you do not want a new password, ignore this e-mail: your password stays as it is.
mail-changed-subject = Your password for { $company } was changed
mail-changed-body = The password of your customer portal at { $company } was changed just now, and every other device was signed out.
mail-changed-alarm = If this was not you, choose a new password at once at { $url } and contact us.
mail-link-subject = Your customer portal at { $company }
mail-link-body = Here is a fresh link to your customer portal at { $company }:
mail-link-protected-body = Here is a fresh link to your customer portal at { $company }. The first time, it lets you create a password; afterwards you sign in with it.
mail-link-until = The link works through { $date } and is for you alone. Please do not pass it on.
mail-link-text = { $company }: your customer portal { $url }

## Who opened the portal

opened-heading = Who opened my portal
opened-lead = Each time somebody opened your portal in the last six months. Something here was not you? Call or write to us, and nobody gets in that way again.
opened-all = Show all
opened-none = Each time somebody opens your portal it appears here, with when and how.
opened-by-email-link = Link in an e-mail of { $date }
opened-by-sms-link = Link in a text message of { $date }
opened-by-copied-link = Link from our office of { $date }
opened-by-password = Password
opened-by-sign-up = Signed up

## Proving a new e-mail address

email-waits-heading = Your new e-mail waits for you
email-waits-body = We use it as soon as you enter the code we sent to
email-waits-link = Enter the code
confirm-email-heading = Confirm your new e-mail
confirm-email-until-then = Until you enter it, the address we have on file stays as it is.
confirm-email-saved = Everything else you changed is saved.
confirm-email-button = Confirm
confirm-email-cancel = Keep things as they are
confirm-email-no-mail = Nothing there? Look among the unwanted mail too, or have a new code sent.
confirm-email-stale = The address on file was changed in the meantime. Look at it, then enter the new one again.
confirm-email-later = A code was sent a moment ago. Wait half a minute, then have a new one sent.

## What customers are told when their details change

notice-subject = Your contact details at { $company } were changed
notice-email-changed = The e-mail address of your customer portal at { $company } is being changed to { $address }. Messages go there from now on.
notice-email-removed = The e-mail address of your customer portal at { $company } is being taken off file. Messages no longer go to it.
notice-phone-changed = The telephone number of your customer portal at { $company } was changed.
notice-not-you = That was you? Then there is nothing to do. If it was not, tell { $company } at once:

## When something cannot be shown

missing-heading = There is nothing here
missing-body = The address may be mistyped, or what was here is no longer available.
denied-heading = This is not possible
denied-body = Your portal does not allow this. If you think it should, contact us.
conflict-heading = This changed in the meantime
conflict-body = Go back, reload the page and try again.
invalid-heading = This could not be understood
invalid-body = Go back and try again.
method-body = The page was asked for in a way it does not answer. Go back and try again.
slow-heading = One moment, please
slow-body = { $count ->
    [one] There were too many attempts. Try again in about a minute.
   *[other] There were too many attempts. Try again in about { $count } minutes.
}
unavailable-heading = We cannot show this right now
unavailable-body = Something on our side is not working. Please try again in a moment.

## What staff read in the panel

panel-title = Customer Portal Link
panel-protected = Password Protected
panel-protected-on-help = Links you sent before lead to Sign Up or Sign In and show nothing without the password. Switching this off lets them open the portal again.
panel-protected-off-help = Whoever has the link can open the portal. Switching this on ends open visits at once; links you sent before then lead to Sign Up or Sign In.
panel-switched-on = Password protection is on. Visits by plain links have ended.
panel-switched-off = Password protection is off. Links open the portal directly.
panel-status = Status
panel-registered = Registered
panel-unregistered = Unregistered
panel-no-email = This customer has no e-mail address on file and needs one to sign up.
panel-email-comes = This customer has no e-mail address on file; they enter one when they sign up, and a code proves it.
panel-portal-link = Customer portal link
panel-registration-link = Registration link
panel-copy-link = Copy Customer Portal Link
panel-copy-registration-link = Copy Registration Link
panel-link-help = Made just now for this customer. It works through { $date }.
field-portal-link-help = A link of the customer's own that opens their portal. Every message gets a new one.
field-portal-link-password-help = A link with which the customer creates a password the first time and signs in afterwards.
panel-throttled-until = Slowed down until { $time } after wrong passwords
panel-sign-in = Sign-in
panel-last-signed-in = Last signed in { $when }
panel-fresh-link = Make a link to copy
panel-email-now = E-mail it now
panel-text-now = Text it now
panel-sent-to = Sent to { $to }.
panel-sending = Being sent to { $to }. Look at the timeline before you send it again.
panel-not-sent = It could not be sent. Nothing was sent; please try again in a moment.
panel-too-often = { $minutes ->
    [one] This customer got many messages just now. Please try again in a minute.
   *[other] This customer got many messages just now. Please try again in { $minutes } minutes.
}
mail-staff-link-body = Here is the link to your customer portal at { $company }. It shows your visits, estimates and invoices:
mail-staff-link-protected-body = Here is the link to your customer portal at { $company }. The first time, it lets you create a password; afterwards you sign in with it:

## What staff read about a customer's access

access-title = Customer Portal Access
access-login = Signs in as { $login }
access-send-reset = Send password reset
access-reset-sent = A link to choose a new password was sent to { $to }. It works once, and for one hour.
access-no-password = This customer has not signed up, so there is no password to choose anew.
access-devices = Signed in on
access-device-count = { $count ->
    [0] no device
    [one] 1 device
   *[other] { $count } devices
}
access-last-seen = Last here { $when } · { $device }
access-sign-out = Sign out everywhere
access-signed-out = Signed out everywhere. Links that work still open the portal.
access-links = Links that work
access-link = Link
access-created-by = Created by
access-sent-via = Sent via
access-created = Created
access-opened = Last opened
access-expires = Expires
access-no-links = No link of this customer's works at the moment.
access-by-message = Message
access-way-copied = Copied
access-way-email = E-mail
access-way-sms = Text message
access-never = Never
access-revoke = Revoke
access-revoked = The link is revoked. Whoever came by it is signed out.
access-revoke-all = Revoke all links
access-revoke-help = A revoked link opens nothing, and whoever came by it is signed out at once.
access-revoked-all = Every link is revoked. Whoever came by one is signed out.
access-more = Show more
access-newest = Back to the newest

## While staff look at the portal as a customer

look-label = Viewing as the customer
look-banner = You are viewing this as { $name }. Nothing can be changed.
look-stop = Stop viewing
look-heading = You are viewing this as { $name }
look-refused = Nothing can be changed or sent while you view the portal as a customer, and nothing was. Go back to the page you came from.
