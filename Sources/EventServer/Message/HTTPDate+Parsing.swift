extension HTTPDate {
    private static let longWeekdays = [
        "Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday",
    ]

    /// Reads a time in one of the three forms of RFC 9110, section 5.6.7.
    ///
    /// ```
    /// Sun, 06 Nov 1994 08:49:37 GMT
    /// Sunday, 06-Nov-94 08:49:37 GMT
    /// Sun Nov  6 08:49:37 1994
    /// ```
    ///
    /// Letters must have their case, as the section says. The name of the weekday must be one, but it need not be the right
    /// one: it adds nothing, and a client that has it wrong means the date.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - now: The time, in seconds since 1970, by which a year of two digits finds its century.
    /// - Returns: Seconds since 1970, below zero before it; `nil` for anything else than a time.
    static func seconds(_ text: String, now: Int) -> Int? {
        var reader = Reader(rest: Array(text.utf8.prefix(40))[...])
        if let seconds = fixed(reader) ?? asctime(reader) { return seconds }
        guard reader.skip(oneOf: longWeekdays) != nil, reader.skip(", "), let day = reader.number(2), reader.skip("-"),
            let month = reader.skip(oneOf: months), reader.skip("-"), let year = reader.number(2), reader.skip(" "),
            let time = reader.time(), reader.skip(" GMT"), reader.rest.isEmpty
        else { return nil }
        // Of the years that end like this, the last one that is not more than 50 years ahead.
        let latest = year + (civilYear(now) + 50 - year) / 100 * 100
        let seconds = seconds(year: latest, month: month, day: day, time: time)
        if let seconds, seconds - 50 * meanYear <= now { return seconds }
        return self.seconds(year: latest - 100, month: month, day: day, time: time)
    }

    private static func fixed(_ reader: Reader) -> Int? {
        var reader = reader
        guard reader.skip(oneOf: weekdays) != nil, reader.skip(", "), let day = reader.number(2), reader.skip(" "),
            let month = reader.skip(oneOf: months), reader.skip(" "), let year = reader.number(4), reader.skip(" "),
            let time = reader.time(), reader.skip(" GMT"), reader.rest.isEmpty
        else { return nil }
        return seconds(year: year, month: month, day: day, time: time)
    }

    private static func asctime(_ reader: Reader) -> Int? {
        var reader = reader
        guard reader.skip(oneOf: weekdays) != nil, reader.skip(" "), let month = reader.skip(oneOf: months),
            reader.skip(" "), let day = reader.skip(" ") ? reader.number(1) : reader.number(2), reader.skip(" "),
            let time = reader.time(), reader.skip(" "), let year = reader.number(4), reader.rest.isEmpty
        else { return nil }
        return seconds(year: year, month: month, day: day, time: time)
    }

    /// The time of a date whose month is counted from 0; `nil` where the calendar has no such day.
    private static func seconds(year: Int, month: Int, day: Int, time: Int) -> Int? {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day >= 1, day <= lengths[month] else { return nil }
        // The reverse of what writing does: years that begin in March, so that the leap day comes last. Two eras are added
        // and taken off, so that the divisions see no negative number.
        let shiftedYear = (month < 2 ? year - 1 : year) + 800
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear % 400
        let dayOfYear = (153 * ((month + 10) % 12) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = (era - 2) * 146_097 + dayOfEra - 719_468
        return days * 86_400 + time
    }

    /// In seconds: 365.2425 days.
    private static let meanYear = 31_556_952

    /// The year of a time, near enough to find a century; a clock out of all bounds is taken for one at the bound.
    private static func civilYear(_ seconds: Int) -> Int { 1970 + min(max(0, seconds), 8000 * meanYear) / meanYear }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func skip(_ text: String) -> Bool {
            guard rest.starts(with: text.utf8) else { return false }
            rest = rest.dropFirst(text.utf8.count)
            return true
        }

        mutating func skip(oneOf names: [String]) -> Int? {
            guard let index = names.firstIndex(where: { rest.starts(with: $0.utf8) }) else { return nil }
            rest = rest.dropFirst(names[index].utf8.count)
            return index
        }

        mutating func number(_ count: Int) -> Int? {
            var result = 0
            guard rest.count >= count else { return nil }
            for byte in rest.prefix(count) {
                guard let digit = ASCII.digit(byte) else { return nil }
                result = result * 10 + Int(digit)
            }
            rest = rest.dropFirst(count)
            return result
        }

        /// The seconds of `hh:mm:ss`, where the last may be a leap second.
        mutating func time() -> Int? {
            guard let hour = number(2), skip(":"), let minute = number(2), skip(":"), let second = number(2),
                hour < 24, minute < 60, second <= 60
            else { return nil }
            return hour * 3600 + minute * 60 + second
        }
    }
}
