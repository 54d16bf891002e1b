import Testing

@testable import Middleware

@Suite struct PasswordHashTests {
    static let bcrypt = "$2b$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy"
    static let sha512 =
        "$6$rounds=1000$saltsalt$/IiX/CoEcxCZ9SksEXnbjfCT1LGvD4z5OpJkaFYl/T37OAwuKZ8I8BixDhruhPLkw6lS7dw/6wQWgQnGo7lLg/"
    /// Of `p:wörd`.
    static let colon =
        "$6$rounds=1000$other$ynqd/z5XNoho583eYP2XT9S.TzQ6QyxAj4h8nJ9Zdh9kzp9ROP8gkktQPcbJaCkLpJ7Ap.rQzUDE5kXpd0VTZ1"

    @Test(arguments: [bcrypt, sha512, bcrypt.replacing("$2b$", with: "$2y$")])
    func `a hash belongs to its password, and to no other`(_ text: String) throws {
        let hash = try PasswordHash(text)
        #expect(hash.matches("open sesame"))
        for other in ["", "open sesam", "open sesamE", "open sesame\0", "\0", String(repeating: "x", count: 73)] {
            #expect(!hash.matches(other))
        }
    }

    @Test func `text that is not ASCII is hashed as its UTF-8`() throws {
        #expect(try PasswordHash(Self.colon).matches("p:wörd"))
        #expect(!(try PasswordHash(Self.colon).matches("p:word")))
    }

    @Test(arguments: [
        "", "$", "$2b$", "$6$", "plain", "*", "*0", "x", "$1$salt$abcdefghijklmnopqrstuv", "$5$salt$abc", "$y$j9T$a$b",
        String(bcrypt.dropLast()), bcrypt + "x", bcrypt.replacing("$04$", with: "$03$"),
        bcrypt.replacing("$04$", with: "$16$"), bcrypt.replacing("$04$", with: "$31$"),
        bcrypt.replacing("$04$", with: "$-4$"), bcrypt.replacing("$04$", with: "$4$"),
        bcrypt.replacing("$2b$", with: "$2x$"), bcrypt.replacing("c", with: "é"), bcrypt.replacing("/", with: ":"),
        String(sha512.dropLast()), sha512 + "x", sha512.replacing("rounds=1000", with: "rounds=999999999"),
        sha512.replacing("rounds=1000", with: "rounds="),
        sha512.replacing("rounds=1000", with: "rounds=99999999999999999999"),
        sha512.replacing("rounds=1000$", with: "rounds=1000$x$"), sha512.replacing("saltsalt", with: ""),
        sha512.replacing("saltsalt", with: "saltsaltsaltsalts"), "root:" + bcrypt,
    ])
    func `what is no bcrypt or sha512 hash is refused`(_ text: String) {
        #expect(throws: PasswordHash.Fault.self) { try PasswordHash(text) }
    }
}
