import FlaggerAPI
import Foundation
import Testing

@Suite("The demo's Canary") struct DemoCanaryTests {
    private static let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardizedFileURL

    @Test("it is the one of the users' document") func sameAsExample() throws {
        let source = try String(
            contentsOf: Self.root.appendingPathComponent("Sources/Commands/Demo/DemoCanary.swift"), encoding: .utf8)
        let literal = try #require(source.components(separatedBy: "\"\"\"").dropFirst().first)
        let example = try String(
            contentsOf: Self.root.appendingPathComponent("examples/001-weighted-canary.yaml"), encoding: .utf8)
        let canaries = [literal, example].map { text in
            var objects = ObjectFile()
            objects.add(text: text)
            return objects.canaries.first?.value
        }
        #expect(canaries[0] != nil)
        #expect(canaries[0] == canaries[1])
    }
}
