/** Instants as a person reads them: in their language and their time zone. */

function format(person, options) {
  try {
    return new Intl.DateTimeFormat(person.locale, { timeZone: person.timezone, ...options });
  } catch {
    return new Intl.DateTimeFormat("en", { timeZone: "UTC", ...options });
  }
}

/** Returns the time of day. */
export function clock(instant, person) {
  return format(person, { hour: "numeric", minute: "2-digit" }).format(new Date(instant));
}

/** Returns date and time in full, with the zone. */
export function moment(instant, person) {
  return format(person, { dateStyle: "full" }).format(new Date(instant))
    + ", " + format(person, { hour: "numeric", minute: "2-digit", timeZoneName: "short" }).format(new Date(instant));
}

/** Returns the calendar day as a key that can be compared. */
export function dayKey(instant, person) {
  return format(person, { year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(instant));
}

/** Returns the name of a day: today, yesterday, or its date. */
export function dayName(instant, person) {
  const day = dayKey(instant, person);
  for (const back of [0, 1]) {
    if (day === dayKey(Date.now() - back * 86_400_000, person)) return relative(-back, person);
  }
  return format(person, { weekday: "long", day: "numeric", month: "long" }).format(new Date(instant));
}

function relative(days, person) {
  const name = new Intl.RelativeTimeFormat(person.locale, { numeric: "auto" }).format(days, "day");
  return name.charAt(0).toLocaleUpperCase(person.locale) + name.slice(1);
}

/** Returns a size that a person can read. */
export function size(bytes, locale) {
  const steps = ["byte", "kilobyte", "megabyte"];
  const step = bytes < 1000 ? 0 : bytes < 1_000_000 ? 1 : 2;
  const options = { style: "unit", unit: steps[step], unitDisplay: "short", maximumFractionDigits: step };
  return new Intl.NumberFormat(locale, options).format(bytes / 1000 ** step);
}

/** Returns the time zones a person may choose from. */
export function zones(current) {
  const common = [
    "UTC", "America/Los_Angeles", "America/Denver", "America/Chicago", "America/New_York", "America/Toronto",
    "America/Sao_Paulo", "Europe/London", "Europe/Lisbon", "Europe/Paris", "Europe/Berlin", "Europe/Zurich",
    "Europe/Vilnius", "Europe/Helsinki", "Africa/Johannesburg", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore",
    "Asia/Tokyo", "Australia/Perth", "Australia/Adelaide", "Australia/Sydney", "Pacific/Auckland",
  ];
  return common.includes(current) ? common : [current, ...common];
}
