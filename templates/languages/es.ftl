# The portal's words in Spanish. English (en.ftl) is the reference.
# What is missing here is shown in English.

language-name = Español
text-direction = ltr

## Números, dinero, fechas y horas

number-decimal = { $region ->
    [CU] .
    [DO] .
    [GT] .
    [HN] .
    [MX] .
    [NI] .
    [PA] .
    [PE] .
    [PR] .
    [SV] .
    [US] .
   *[other] ,
}
number-group = { $region ->
    [CR] {"\u00A0"}
    [CU] ,
    [DO] ,
    [GT] ,
    [HN] ,
    [MX] ,
    [NI] ,
    [PA] ,
    [PE] ,
    [PR] ,
    [SV] ,
    [US] ,
   *[other] .
}
number-group-from = { $region ->
    [ES] 5
   *[other] 4
}
number-group-size = { $region ->
   *[other] 3
}
money-pattern = { $region ->
    [ES] { $amount }{"\u00A0"}{ $symbol }
   *[other] { $symbol }{ $amount }
}
percent = { $number }{"\u00A0"}%
size-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}
size-kilobytes = { $number } kB
size-megabytes = { $number } MB
hours-of-clock = { $region ->
    [CO] 12
    [DO] 12
    [MX] 12
    [PA] 12
    [PR] 12
    [US] 12
    [VE] 12
   *[other] 24
}
time-twelve = { $hour }:{ $minute } { $half }
time-plain = { $hour }:{ $minute }
half-am = a.{"\u00A0"}m.
half-pm = p.{"\u00A0"}m.
range = { $start }–{ $end }
date-medium = { $region ->
   *[other] { $day } { $month } { $year }
}
date-weekday = { $region ->
   *[other] { $weekday }, { $day } { $month }
}
date-weekday-year = { $region ->
   *[other] { $weekday }, { $day } { $month } { $year }
}
until = hasta el { $date }
month-1 = ene
month-2 = feb
month-3 = mar
month-4 = abr
month-5 = may
month-6 = jun
month-7 = jul
month-8 = ago
month-9 = sept
month-10 = oct
month-11 = nov
month-12 = dic
weekday-1 = lun
weekday-2 = mar
weekday-3 = mié
weekday-4 = jue
weekday-5 = vie
weekday-6 = sáb
weekday-7 = dom

## El marco

portal = Portal del cliente
skip = Ir al contenido
sections = Secciones
my-details = Mis datos
submit-request = Enviar solicitud
my-jobs = Mis trabajos
my-projects = Mis proyectos
my-estimates = Mis presupuestos
my-invoices = Mis facturas
my-payments = Mis pagos
opens-new-tab = (se abre en otra pestaña)
sign-out = Cerrar sesión
call = Llamar
call-number = Llamar al { $number }
questions = ¿Preguntas?
questions-lead = Con gusto le ayudamos.
contact = Contacto de { $company }
language-label = Idioma
back-to = Volver a { $section }
back-to-details = Volver a Mis datos
print = Imprimir
page-title = { $title } · { $company }
page-title-error = Error: { $title } · { $company }

## Listas

job = Trabajo
project = Proyecto
estimate = Presupuesto
invoice = Factura
payment = Pago
date-label = Fecha
time-label = Hora
status-label = Estado
completion = Avance
sent-date = Fecha de envío
expiration-date = Fecha de vencimiento
total-amount = Importe total
invoice-date = Fecha de factura
due-date = Vence el
amount-paid = Pagado
amount-due = Por pagar
method-label = Método
show-open = Abiertos
show-past = Anteriores
show-which = Qué mostrar
search = Buscar
search-in = Buscar en { $section }
clear-search = Quitar la búsqueda
next-page = Página siguiente
first-page = Volver a la primera página
pages = Páginas
not-scheduled = Aún sin fecha
led-by = A cargo de { $name }
for-invoice = De la factura { $number }
nothing-found = Nada coincide con «{ $search }».
empty-heading = Aún no hay nada aquí
empty-heading-search = Sin resultados
no-open-jobs = Aquí aparecen las visitas previstas o en curso, con su fecha y hora.
no-past-jobs = Aquí aparecen las visitas terminadas, con sus archivos.
no-open-projects = Aquí aparecen los trabajos de varias visitas, con su avance.
no-past-projects = Aquí aparecen los proyectos terminados.
no-open-estimates = Aquí aparecen los presupuestos que esperan su decisión.
no-past-estimates = Aquí aparecen los presupuestos ya decididos o vencidos.
no-open-invoices = No debe nada. Aquí aparecen las facturas por pagar.
no-past-invoices = Aquí aparecen las facturas pagadas.
no-payments = Aquí aparece cada pago, con su fecha y método.

## La página principal

good-morning = Buenos días, { $name }
good-afternoon = Buenas tardes, { $name }
good-evening = Buenas noches, { $name }
things-waiting = { $count ->
    [0] Ahora mismo no hay nada pendiente.
    [one] Hay una cosa pendiente de usted.
   *[other] Hay { $count } cosas pendientes de usted.
}
needs-you = Pendiente de usted
estimate-waiting = Espera su decisión
invoice-waiting = Espera su pago
expires-today = Vence hoy
expires-on = Vence el { $date }
due-today = Se paga hoy
due-on = Se paga hasta el { $date }
days-overdue = { $count ->
    [one] { $count } día de retraso
   *[other] { $count } días de retraso
}
estimate-numbered = Presupuesto { $number }
invoice-numbered = Factura { $number }
view-estimate = Ver presupuesto
view-invoice = Ver factura
view-job = Ver trabajo
next-visit = Próxima visita
job-with = { $job } con { $name }
all-estimates = { $count ->
    [one] { $count } presupuesto abierto
   *[other] Los { $count } presupuestos abiertos
}
all-invoices = { $count ->
    [one] { $count } factura abierta
   *[other] Las { $count } facturas abiertas
}
later-visits = Después
all-jobs = Todos los trabajos
my-requests = Mis solicitudes
all-requests = Todas las solicitudes
sent-on = Enviada el { $date }
preferred-on = para el { $date }
new-request = Enviar una solicitud nueva
no-requests = Aquí aparecen las solicitudes que nos envíe y qué fue de ellas.
last-changed = Último cambio: { $date }
your-contact = Datos de contacto
your-contact-lead = Cómo localizarle y adónde vamos.

## Datos de contacto

name = Nombre
first-name = Nombre
last-name = Apellidos
company-name = Empresa
email = Correo electrónico
phone = Teléfono
mobile = Móvil
street = Calle y número
unit = Apartamento o piso
city = Ciudad
region = Estado o provincia
postal-code = Código postal
address = Dirección
save-changes = Guardar cambios
saved = Guardado
saved-lead = Sus datos están al día.
problem-heading = Hay un problema
stale-heading = Sus datos cambiaron mientras tanto
stale-body = Alguien, quizá usted en otra pestaña, los cambió después de abrir esta página. No se ha perdido nada de lo que escribió: compárelo con lo que consta ahora y guarde de nuevo.
on-file-now = Consta ahora: { $value }
empty-value = vacío
form-incomplete = El formulario llegó incompleto. Revíselo y guarde de nuevo.
form-twice = Un campo llegó dos veces. Revise el formulario y guarde de nuevo.
form-too-long = Lo enviado es demasiado largo para este formulario.
error-name = Escriba un nombre, unos apellidos o una empresa
error-email = Escriba un correo como nombre@ejemplo.com
error-phone = Escriba un teléfono como (303) 555-0100
error-longer-than = { $count ->
    [one] Use como máximo { $count } carácter
   *[other] Use como máximo { $count } caracteres
}
error-unprovable = Ahora no podemos comprobar un correo nuevo. Contáctenos para cambiarlo
error-needed-to-sign-in = Usted entra con este correo. Escriba otro en su lugar
error-required = No puede quedar vacío
error-too-long = Es demasiado largo
error-malformed = No parece correcto
error-not-allowed = No se puede usar aquí
error-taken = Otra persona ya lo usa
error-too-short = Es demasiado corto
error-too-common = Es demasiado fácil de adivinar
error-out-of-range = Está fuera de los límites

## Detalles

description = Descripción
technician = Técnico
service-address = Dirección del servicio
starts = Comienzo
target-date = Fin previsto
manager = Responsable
prepared-by = Preparado por
percent-complete = { $number }{"\u00A0"}% terminado
files = Archivos
view = Ver
download = Descargar
file-pdf = PDF
file-image = Imagen
file-other = Archivo
at-a-glance = De un vistazo
when = Cuándo
item = Concepto
quantity-label = Cant.
unit-price = Precio
amount = Importe
optional = Opcional
not-included = No incluido
subtotal = Subtotal
discount = Descuento
tax = { $name } { $rate }
total = Total
whats-included = Qué incluye
whats-charged = A qué corresponde
notes = Notas
terms = Condiciones
valid-through = Válido hasta el { $date }
decision-accepted = Aceptado por { $name } el { $date }
decision-declined = Rechazado por { $name } el { $date }
decision-changes = Cambios pedidos por { $name } el { $date }
decide-heading = ¿Seguimos adelante?
decide-body = Llámenos o escríbanos para aceptar este presupuesto o pedir cambios.
payments-made = Pagos
how-to-pay = Cómo pagar
pay-now = Pagar ahora
reference = Referencia
payment-of = Pago de { $amount }
payment-thanks = Gracias por su pago.
method-card = Tarjeta
method-bank-transfer = Transferencia
method-check = Cheque
method-cash = Efectivo
method-other = Otro

## Estados

status-unscheduled = Sin fecha
status-scheduled = Programado
status-confirmed = Confirmado
status-in-progress = En curso
status-on-hold = En pausa
status-completed = Terminado
status-cancelled = Cancelado
status-planned = Previsto
status-active = Activo
status-sent = Espera su decisión
status-changes-requested = Cambios pedidos
status-accepted = Aceptado
status-declined = Rechazado
status-superseded = Sustituido
status-expired = Vencido
status-unpaid = Sin pagar
status-partly-paid = Pagada en parte
status-overdue = Atrasada
status-paid = Pagada
status-void = Anulada
status-new = Recibida
status-done = Resuelta

## Enlaces, inicio de sesión y registro

continue-to = Continuar a { $company }
continue-lead = Su portal de cliente se abre en un momento.
continue-button = Continuar
link-over-heading = Este enlace ya no funciona
link-over-body = Los enlaces abren el portal de { $company } durante un tiempo limitado. Con uno nuevo, en un minuto estará de vuelta.
fresh-link-heading = Recibir un enlace nuevo
fresh-link-lead = { $company } lo envía a la dirección que tiene registrada de usted.
fresh-link-on-file = El enlace nuevo se envía a la dirección que tenemos registrada:
fresh-link-hint = La dirección que tenemos registrada de usted. El enlace solo se envía allí.
fresh-link-button = Envíenme un enlace nuevo
fresh-link-sent-heading = Revise sus mensajes
fresh-link-sent-body = Si lo tenemos registrado, un enlace nuevo va en camino. Puede tardar unos minutos; mire también en el correo no deseado. Si no llega nada, llámenos o escríbanos.
sign-in = Iniciar sesión
sign-in-lead = Escriba el correo y la contraseña de su portal.
sign-in-other = ¿Recibió un enlace nuestro por correo o mensaje de texto? Ábralo: lleva a su portal o a crear una contraseña.
sign-in-refused = El correo o la contraseña no son correctos. Revise ambos e inténtelo de nuevo.
signed-out = Ha cerrado la sesión
visit-over-heading = Su visita terminó, no se guardó nada
visit-over-body = Abra su enlace de nuevo o inicie sesión. Después vuelva a esta página y retroceda un paso en el navegador: lo que escribió sigue allí y puede guardarlo.
password = Contraseña
show-password = Mostrar
hide-password = Ocultar
sign-up = Registrarse
sign-up-lead = Cree una contraseña para su portal de cliente. Desde entonces entrará con ella.
sign-up-on-file = Es la dirección que tenemos de usted. Para usar otra, escríbala: antes le enviamos un código y elegirá su contraseña en la página siguiente.
sign-up-first-email = Enviamos un código a esta dirección. Elegirá su contraseña en la página siguiente.
sign-up-no-email-heading = Aún no tenemos su correo electrónico
sign-up-no-email = Lo necesita para registrarse. Dé su correo a { $company } y abra su enlace de nuevo.
sign-up-other-email = Use el correo que tenemos registrado. Para cambiarlo, contáctenos.
sign-up-taken = Este correo ya tiene un portal. Use otro o contáctenos.
send-code = Enviar el código
code-heading = Revise su correo
code-sent-to = Enviamos un código de seis cifras a { $email }. Sirve durante 15 minutos.
code-label = Código
code-password-again = Escriba su contraseña otra vez: no se guarda hasta que se compruebe la dirección.
code-wrong = El código no es correcto. Revíselo e inténtelo de nuevo.
code-over = Este código ya no sirve. Envíe uno nuevo más abajo.
code-again = Enviar un código nuevo
code-resent = Un código nuevo está en camino
code-resent-lead = El anterior ya no sirve.
code-other-address = Usar otro correo electrónico
password-rule = { $count ->
    [one] Al menos { $count } carácter. Varias palabras se recuerdan mejor que una.
   *[other] Al menos { $count } caracteres. Varias palabras se recuerdan mejor que una.
}
password-rule-names = No es su correo ni nuestro nombre.
password-rules-met = Todo se cumple.
password-too-short = { $count ->
    [one] Use al menos { $count } carácter para la contraseña
   *[other] Use al menos { $count } caracteres para la contraseña
}
password-too-long = Use una contraseña más corta
password-too-common = Use una contraseña más difícil de adivinar

## Contraseñas olvidadas y nuevas, y dónde está abierto el portal

forgot-password = ¿Olvidó su contraseña?
forgot-lead = Escriba el correo con el que inicia sesión. Le enviamos un enlace para elegir una contraseña nueva.
forgot-button = Enviar el enlace
forgot-sent-heading = Revise su correo
forgot-sent-body = Si conocemos esta dirección, un enlace va en camino. Puede tardar un minuto; mire también en el correo no deseado. Si no llega nada, revise la dirección o contáctenos.
forgot-again = Probar otra dirección
forgot-no-email = No podemos enviarle un correo. Contacte a { $company } y le ayudamos a volver a entrar.
back-to-sign-in = Volver a iniciar sesión
reset-heading = Elija una contraseña nueva
reset-lead = Desde ahora entrará con ella. Se cerrará la sesión en todos los dispositivos abiertos.
reset-over-heading = Este enlace ya no funciona
reset-over-body = Un enlace para elegir contraseña sirve una sola vez y durante una hora. Pida uno nuevo y en un minuto estará de vuelta.
new-password = Contraseña nueva
save-password = Guardar contraseña
account = Acceso y seguridad
account-email = Inicia sesión con { $email }.
change-password = Cambiar contraseña
change-password-lead = Al cambiarla se cierra la sesión en todos los demás dispositivos.
current-password = Contraseña actual
current-password-wrong = La contraseña actual no es correcta
password-changed = Su contraseña ha cambiado
password-changed-lead = Se cerró la sesión en todos los demás dispositivos.
devices = Dispositivos con sesión abierta
devices-lead = Dónde está abierto su portal ahora.
this-device = Este dispositivo
device-on = { $browser } en { $system }
device-unknown = Un navegador
device-since = Desde el { $date }
seen-now = en uso ahora
seen-minutes-ago = { $count ->
    [one] usado hace { $count } minuto
   *[other] usado hace { $count } minutos
}
seen-hours-ago = { $count ->
    [one] usado hace { $count } hora
   *[other] usado hace { $count } horas
}
seen-days-ago = { $count ->
    [one] usado hace { $count } día
   *[other] usado hace { $count } días
}
sign-out-others = Cerrar sesión en los demás
others-signed-out = Se cerró la sesión en los demás dispositivos
device-signed-out = Se cerró la sesión en el dispositivo

## Correos y mensajes de texto

mail-greeting = Hola, { $name }:
mail-greeting-plain = Hola:
mail-code-subject = Su código para { $company }
mail-code-body = Su código es { $code }. Escríbalo en la página donde lo pidió. Sirve durante 15 minutos.
mail-code-ignore = Si no lo pidió, ignore este correo: sin el código no cambia nada.
mail-registered-subject = Se creó una contraseña para su portal de cliente
mail-registered-body = Se creó una contraseña para su portal de cliente en { $company }, con un correo distinto del que tenemos registrado.
mail-registered-alarm = Si no fue usted, contáctenos de inmediato.
mail-reset-subject = Elija una contraseña nueva para { $company }
mail-reset-body = Abra este enlace para elegir una contraseña nueva de su portal de cliente en { $company }. Sirve una sola vez y durante una hora.
mail-reset-ignore = Si no quiere una contraseña nueva, ignore este correo: la suya queda como está.
mail-changed-subject = Su contraseña para { $company } ha cambiado
mail-changed-body = La contraseña de su portal de cliente en { $company } cambió hace un momento y se cerró la sesión en todos los demás dispositivos.
mail-changed-alarm = Si no fue usted, elija enseguida una contraseña nueva en { $url } y contáctenos.
mail-link-subject = Su portal de cliente en { $company }
mail-link-body = Aquí tiene un enlace nuevo a su portal de cliente en { $company }:
mail-link-protected-body = Aquí tiene un enlace nuevo a su portal de cliente en { $company }. La primera vez le permite crear una contraseña; después entrará con ella.
mail-link-until = El enlace sirve hasta el { $date } y es solo para usted. No lo comparta, por favor.
mail-link-text = { $company }: su portal de cliente { $url }

## Quién abrió el portal

opened-heading = Quién abrió mi portal
opened-lead = Cada vez que alguien abrió su portal en los últimos seis meses. ¿Hay algo que no fue usted? Llámenos o escríbanos y nadie volverá a entrar así.
opened-all = Ver todo
opened-none = Cada vez que alguien abre su portal aparece aquí, con cuándo y cómo.
opened-by-email-link = Enlace en un correo del { $date }
opened-by-sms-link = Enlace en un mensaje de texto del { $date }
opened-by-copied-link = Enlace de nuestra oficina del { $date }
opened-by-password = Contraseña
opened-by-sign-up = Registro

## Comprobar un correo nuevo

email-waits-heading = Falta confirmar su correo nuevo
email-waits-body = Lo usaremos en cuanto escriba el código que enviamos a
email-waits-link = Escribir el código
confirm-email-heading = Confirme su correo nuevo
confirm-email-until-then = Hasta que lo escriba, el correo que tenemos registrado no cambia.
confirm-email-saved = Lo demás que cambió está guardado.
confirm-email-button = Confirmar
confirm-email-cancel = Dejarlo como está
confirm-email-no-mail = ¿No llegó nada? Mire también en el correo no deseado o pida otro código.
confirm-email-stale = El correo registrado cambió mientras tanto. Mírelo y escriba el nuevo otra vez.
confirm-email-later = Hace un momento se envió un código. Espere medio minuto y pida otro.

## Lo que se avisa al cliente cuando cambian sus datos

notice-subject = Sus datos de contacto en { $company } han cambiado
notice-email-changed = El correo de su portal de cliente de { $company } se cambia a { $address }. Desde ahora los mensajes van allí.
notice-email-removed = El correo de su portal de cliente de { $company } se retira. Ya no recibirá mensajes en él.
notice-phone-changed = El teléfono de su portal de cliente de { $company } ha cambiado.
notice-not-you = ¿Fue usted? No tiene que hacer nada. Si no lo fue, avise enseguida a { $company }:

## Cuando algo no se puede mostrar

missing-heading = Aquí no hay nada
missing-body = Quizá la dirección tiene un error o lo que había ya no está disponible.
denied-heading = Esto no es posible
denied-body = Su portal no lo permite. Si cree que debería, contáctenos.
conflict-heading = Esto cambió mientras tanto
conflict-body = Vuelva atrás, recargue la página e inténtelo de nuevo.
invalid-heading = Esto no se pudo entender
invalid-body = Vuelva atrás e inténtelo de nuevo.
method-body = La página se pidió de una forma a la que no responde. Vuelva atrás e inténtelo de nuevo.
slow-heading = Un momento, por favor
slow-body = { $count ->
    [one] Hubo demasiados intentos. Inténtelo de nuevo en un minuto.
   *[other] Hubo demasiados intentos. Inténtelo de nuevo en unos { $count } minutos.
}
unavailable-heading = Ahora no podemos mostrar esto
unavailable-body = Algo no funciona por nuestra parte. Inténtelo de nuevo en un momento.
panel-email-comes = Este cliente no tiene un correo registrado; escribe uno al registrarse y un código lo comprueba.
panel-throttled-until = Más lento hasta las { $time } por contraseñas incorrectas
panel-sign-in = Inicio de sesión
panel-last-signed-in = Último inicio de sesión: { $when }
panel-fresh-link = Crear un enlace para copiar
panel-email-now = Enviarlo por correo ahora
panel-text-now = Enviarlo por mensaje de texto ahora
panel-sent-to = Enviado a { $to }.
panel-sending = Se está enviando a { $to }. Mire la cronología antes de enviarlo otra vez.
panel-not-sent = No se pudo enviar. No se envió nada; inténtelo de nuevo en un momento.
panel-too-often = { $minutes ->
    [one] Este cliente acaba de recibir muchos mensajes. Inténtelo de nuevo en un minuto.
   *[other] Este cliente acaba de recibir muchos mensajes. Inténtelo de nuevo en { $minutes } minutos.
}
mail-staff-link-body = Este es el enlace a su portal de cliente de { $company }. Muestra sus visitas, presupuestos y facturas:
mail-staff-link-protected-body = Este es el enlace a su portal de cliente de { $company }. La primera vez le permite crear una contraseña; después inicia sesión con ella:

## Lo que lee el personal sobre el acceso de un cliente

access-title = Acceso al portal de cliente
access-login = Inicia sesión como { $login }
access-send-reset = Enviar enlace para la contraseña
access-reset-sent = Se envió a { $to } un enlace para elegir una contraseña nueva. Funciona una vez y durante una hora.
access-no-password = Este cliente no se ha registrado, así que no hay contraseña que cambiar.
access-devices = Sesión iniciada en
access-device-count = { $count ->
    [0] ningún dispositivo
    [one] 1 dispositivo
   *[other] { $count } dispositivos
}
access-last-seen = Última visita: { $when } · { $device }
access-sign-out = Cerrar todas las sesiones
access-signed-out = Se cerraron todas las sesiones. Los enlaces que funcionan todavía abren el portal.
access-links = Enlaces que funcionan
access-link = Enlace
access-created-by = Creado por
access-sent-via = Enviado por
access-created = Creado
access-opened = Última apertura
access-expires = Vence
access-no-links = Ningún enlace de este cliente funciona en este momento.
access-by-message = Mensaje
access-way-copied = Copiado
access-way-email = Correo electrónico
access-way-sms = Mensaje de texto
access-never = Nunca
access-revoke = Revocar
access-revoked = El enlace está revocado. Quien llegó con él ya no tiene sesión.
access-revoke-all = Revocar todos los enlaces
access-revoke-help = Un enlace revocado no abre nada, y quien llegó con él pierde la sesión al instante.
access-revoked-all = Todos los enlaces están revocados. Quien llegó con uno ya no tiene sesión.
access-more = Mostrar más
access-newest = Volver a los más recientes

## Mientras el personal mira el portal como un cliente

look-label = Vista como el cliente
look-banner = Está viendo esto como { $name }. No se puede cambiar nada.
look-stop = Dejar de ver
look-heading = Está viendo esto como { $name }
look-refused = No se puede cambiar ni enviar nada mientras ve el portal como un cliente, y no se cambió nada. Vuelva a la página de la que vino.
