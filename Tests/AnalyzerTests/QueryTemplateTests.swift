import Analyzer
import FlaggerAPI
import Testing

@Suite("Query templates")
struct QueryTemplateTests {
    static let values: TemplateValues = {
        var canary = HaltTextTests.canary
        canary.service.name = "web-svc"
        canary.ingressName = "web-ingress"
        return TemplateValues(
            AnalysisTarget(canary), interval: "1m", variables: ["direction": "inbound", "x-y": "z", "n": "5"])
    }()

    @Test(
        "placeholders are filled in",
        arguments: [
            ("{{ namespace }}", "test"), ("{{target}}", "web"), ("{{   name   }}", "podinfo"),
            ("{{ service }}", "web-svc"), ("{{ ingress }}", "web-ingress"), ("{{ route }}", "web"),
            ("[{{ interval }}]", "[1m]"), ("a{{\n target\n}}b", "awebb"), ("{{ target }}-primary", "web-primary"),
            ("{{ variables.direction }}", "inbound"), ("{{ (variables).direction }}", "inbound"),
            ("{{ index variables \"x-y\" }}", "z"), ("{{ index variables `x-y` }}", "z"),
            ("{{ index variables \"absent\" }}", ""), ("{{ \"text\" }}", "text"), ("{{ 12 }}", "12"),
            ("{{ printf \"%s-%s\" target namespace }}", "web-test"), ("{{ printf \"%q\" target }}", "\"web\""),
            ("{{ target | printf \"%s-primary\" }}", "web-primary"), ("{{ printf \"100%%\" }}", "100%"),
            ("{{ print target \"-x\" }}", "web-x"), ("{{ len target }}", "3"),
            ("{{ if eq target \"web\" }}a{{ else }}b{{ end }}", "a"),
            ("{{ if ne target \"web\" }}a{{ else }}b{{ end }}", "b"),
            ("{{ if eq target \"x\" }}a{{ else if eq target \"web\" }}b{{ else }}c{{ end }}", "b"),
            ("{{ if index variables \"absent\" }}a{{ end }}", ""),
            ("{{ if and (eq target \"web\") (not (eq name \"x\")) }}a{{ end }}", "a"),
            ("{{ if or false \"\" }}a{{ else }}b{{ end }}", "b"),
            ("a {{/* comment */}} b", "a  b"), ("a {{- /* comment */ -}} b", "ab"),
            ("a\n  {{- target -}}\n b", "aweb" + "b"), ("a {{- target }} b", "aweb b"), ("a {{ target -}} b", "a webb"),
            ("{ x }", "{ x }"), ("{{ target }}}", "web}"), ("no placeholders", "no placeholders"), ("", ""),
            ("rate(x{a=\"{{ target }}\"}[{{interval}}])", "rate(x{a=\"web\"}[1m])"),
        ])
    func rendering(template: String, wanted: String) throws {
        #expect(try QueryTemplate(template).render(Self.values) == wanted)
    }

    @Test(
        "whatever is not understood is an error with its place",
        arguments: [
            ("x\n  {{ tragte }}", "template 2:6: unknown function \"tragte\"; did you mean target?"),
            (
                "{{ foo }}",
                "template 1:4: unknown function \"foo\" (known: name, namespace, target, service, ingress, route, "
                    + "interval, variables)"
            ),
            ("{{ variables.nope }}", "template 1:4: no variable \"nope\" (known: direction, n, x-y)"),
            ("{{ target.x }}", "template 1:4: .x: only variables has keys"),
            ("{{ variables }}", "template 1:1: variables is a map; name one of its keys, as in {{ variables.key }}"),
            ("{{ target", "template 1:1: the action {{ is never closed by }}"),
            ("{{ }}", "template 1:1: the action is empty"),
            (
                "{{ .Name }}",
                "template 1:4: there is no data behind the dot of .Name; call a function such as {{ target }}"
            ),
            ("{{ range variables }}{{ end }}", "template 1:4: {{ range }} is not supported in a query template"),
            ("{{ with target }}{{ end }}", "template 1:4: {{ with }} is not supported in a query template"),
            ("{{ $x := target }}", "template 1:4: template variables ($) are not supported in a query template"),
            ("{{ if target }}a", "template 1:4: {{ if }} without {{ end }}"),
            ("{{ end }}", "template 1:4: {{ end }} without an {{ if }} before it"),
            ("{{ if target }}a{{ else }}b", "template 1:20: {{ else }} without {{ end }}"),
            ("{{ \"abc }}", "template 1:4: the string is never closed"),
            ("{{ /* x }}", "template 1:4: the comment is never closed by */"),
            ("{{ (target }}", "template 1:4: the ( is never closed"), ("{{ target) }}", "template 1:10: unexpected )"),
            ("{{ | target }}", "template 1:4: nothing before the |"),
            ("{{ target | }}", "template 1:1: a value is missing"),
            ("{{ target namespace }}", "template 1:4: this value takes no arguments"),
            ("{{ printf \"%s\" }}", "template 1:4: printf has too few arguments"),
            ("{{ printf \"x\" target }}", "template 1:4: printf has too many arguments"),
            ("{{ printf \"%d\" target }}", "template 1:4: printf can't print this argument with %d"),
            ("{{ eq target }}", "template 1:4: eq wants two arguments, found 1"),
            ("{{ 1.5 }}", "template 1:4: \"1.5\" is not supported in a query template"),
            ("{{ 'a' }}", "template 1:4: \"'\" is not supported in a query template"),
        ])
    func errors(template: String, message: String) {
        do {
            _ = try QueryTemplate(template).render(Self.values)
            Issue.record("no error")
        } catch {
            #expect("\(error)" == message)
        }
    }

    @Test("nesting is bounded")
    func depth() {
        let deep =
            "{{ " + String(repeating: "(", count: 10_000) + "target" + String(repeating: ")", count: 10_000) + " }}"
        #expect(throws: TemplateError.self) { try QueryTemplate(deep) }
        #expect(throws: TemplateError.self) { try QueryTemplate(String(repeating: "{{ if target }}", count: 10_000)) }
        let chain = "{{ if target }}" + String(repeating: "{{ else if target }}", count: 10_000) + "{{ end }}"
        #expect(throws: TemplateError.self) { try QueryTemplate(chain) }
    }

    @Test(
        "a query is folded for display without changing it",
        arguments: [
            ("sum(\n  x\n)\n", "sum( x )"), ("a{b=\"c  d\"}", "a{b=\"c  d\"}"), ("a # comment\n+ b", "a + b"),
            ("a{b=\"#\"}  + 'x  \\'  y'", "a{b=\"#\"} + 'x  \\'  y'"), ("  a  ", "a"), ("# only", ""),
        ])
    func folding(query: String, wanted: String) { #expect(QueryText.folded(query) == wanted) }
}
