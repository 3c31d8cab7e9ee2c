const LONG_DAYS: Record<string, string> = {
  Mon: 'Monday',
  Tue: 'Tuesday',
  Wed: 'Wednesday',
  Thu: 'Thursday',
  Fri: 'Friday',
  Sat: 'Saturday',
  Sun: 'Sunday',
}

/** The three forms in which clients write a date. */
export function dateForms(time: number): { form: string; text: string }[] {
  const rfc1123 = new Date(time).toUTCString()
  const [, weekday = '', day = '', month = '', year = '', clock = ''] = /^(\w+), (\d+) (\w+) (\d+) (\S+)/.exec(rfc1123) ?? []
  return [
    { form: 'RFC 1123', text: rfc1123 },
    { form: 'RFC 850', text: `${LONG_DAYS[weekday]}, ${day}-${month}-${year.slice(2)} ${clock} GMT` },
    { form: 'asctime', text: `${weekday} ${month} ${day.replace(/^0/, ' ')} ${clock} ${year}` },
  ]
}
