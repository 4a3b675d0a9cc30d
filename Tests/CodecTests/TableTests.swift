import Testing

@testable import Codec

/// What the fifth version of the mixing knows of tables.
@Suite struct TableTests {
  private static func numbers(after text: String) -> Numbers {
    var numbers = Numbers()
    for byte in text.utf8 { numbers.append(byte) }
    return numbers
  }

  private static func text(_ number: NumberText) -> String {
    String(decoding: (0..<32).map { number[$0] }.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The number that may come next: that before, and that which goes on.
  @Test(arguments: [
    ("10,20,30,", "30", "40"), ("3 2 1 ", "1", "0"), ("2 1 0 ", "0", "-1"),
    ("0.000001 0.000003 ", "0.000003", "0.000005"), ("1.5 1.50 ", "1.50", "1.50"),
    ("[1,-7.5],[2,-8.5],[3,-9.5],[4,-10.5],[", "4", "5"),
    ("[1,-7.5],[2,-8.5],[3,-9.5],[4,-10.5],[5,", "-10.5", "-11.5"),
    ("[1,-7.5],[2,-8.5],[3,-9.5],[4,-10.5],[5,-", "-10.5", "-11.5"), ("-5 -- -3 -1 ", "-1", "1"),
    ("5 100 6 200 7 300 8 400 9 ", "400", "500"),
    ("2026-11-27 10:59:58 a\n2026-11-27 10:59:59 b\n2026-11-27 10:59:", "59", "60"),
    ("999999999999 0 ", "0", "-999999999999"), ("1 12345678901234567890123456789 2 ", "2", "3"),
    ("1.0000009 2.12345678901234567890 ", "2.123456", "3.246912"),
  ])
  func knowsWhichNumberMayCome(text: String, same: String, next: String) {
    let numbers = Self.numbers(after: text)
    #expect(numbers.isExpected)
    #expect(Self.text(numbers.same) == same && Self.text(numbers.next) == next)
    #expect(numbers.context != 0 && numbers.changeContext != 0)
  }

  /// None where there are no two numbers, in words, and far behind the last.
  @Test(arguments: ["", "1 ", "1 2", "1 2 a", "a1 a2 ", "1 2" + String(repeating: ".", count: 70)])
  func expectsNoNumber(text: String) {
    let numbers = Self.numbers(after: text)
    #expect(!numbers.isExpected && numbers.context == 0 && numbers.changeContext == 0)
  }

  /// How the number differs so far: 1 not, 2 and 3 by one at the last byte, 4 and 5 by more, 6 before.
  @Test func followsANumber() {
    for (digits, difference) in [
      ("", 1), ("2", 1), ("3", 2), ("1", 3), ("7", 4), ("0", 5), ("25", 1), ("26", 2), ("30", 6),
    ] {
      let numbers = Self.numbers(after: "21 23 " + digits)
      #expect(numbers.next.difference == difference, "\(digits)")
    }
  }

  @Test func knowsWhereADigitStands() {
    let number = NumberText(-12_345_678_900, decimals: 4)
    #expect(Self.text(number) == "-12345.6789")
    for (amount, offset) in [
      (0, 32), (1, 12), (100_000, 7), (999_999, 7), (1_000_000, 5), (9_000_000_000, 2),
      (10_000_000_000, 1),
    ] {
      #expect(number.offset(ofDigit: UInt64(amount)) == offset, "\(amount)")
    }
  }

  /// Which field of its record it is, and what stands above the next byte.
  @Test(
    arguments: [
      ("a,b,c\nx,", 1, "b"), ("a,b\n", 0, "a"), ("a,b,c\nx,b", 1, ","),
      ("a;b\tc|d\n1;2\t3|", 3, "d"),
      ("[[10,20],[30,", 1, "2"), ("a\nx,", 1, nil), ("x,", 1, nil), ("", 0, nil),
      (String(repeating: "a,", count: 40) + "\nb", 0, ","),
    ] as [(String, Int, String?)])
  func knowsTheFieldAbove(text: String, index: Int, above: String?) {
    let bytes = Array(text.utf8)
    var fields = Fields(at: 0)
    for (i, byte) in bytes.enumerated() {
      fields.append(byte, above: fields.above < 0 ? 0 : bytes[fields.above], position: i + 1)
    }
    #expect(fields.index == index)
    #expect((fields.above < 0 ? nil : bytes[fields.above]) == above?.utf8.first)
  }
}
