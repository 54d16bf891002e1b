import Foundation

/// Measures ContextPool beside its rivals: `PoolBenchmarks [rounds [case [contender]]]`.
///
/// Of a case and a contender the beginning of the name will do.
@main
enum PoolBenchmarks {
    static func main() {
        let arguments = CommandLine.arguments
        let rounds = Rounds(count: arguments.dropFirst().first.flatMap { Int($0) } ?? 5)
        let wantedCase = arguments.count > 2 ? arguments[2] : ""
        let wantedContender = arguments.count > 3 ? arguments[3] : ""
        let flask = FlaskThreads.name.hasPrefix(wantedContender) ? FlaskThreads() : nil
        defer { flask?.remove() }
        print("\(Machine.processors) processors; medians and ranges of \(rounds.count) rounds.\n")
        print(Table.head)
        let cases = [
            SubmitCase.make(flask), ThroughputCase.make(flask), RoundTripCase.make(flask), LoopTripCase.make(),
            FanOutCase.makeEmpty(), FanOutCase.makeMap(), RequestCase.make(),
        ]
        for var work in cases where work.name.hasPrefix(wantedCase) {
            work.contenders.removeAll { !$0.name.hasPrefix(wantedContender) }
            print(Table.rows(of: work.name, rounds.run(work)))
        }
    }
}

/// The machine that all of this runs on.
enum Machine {
    static let processors = ProcessInfo.processInfo.activeProcessorCount
}
