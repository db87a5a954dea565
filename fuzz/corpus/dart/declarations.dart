class A<T extends B?> with C { late final x = [if (a) ...?b else {1: 2}, for (var i in c) i!]..add(x ?? y ? z : -w)..d?[1] ??= 3; operator ==(o) => o is! A || o as B; A.n(this.x, {required super.k = 1}) : y = 2, super(z); }
enum E { a, b }
extension on String { get l => r"a$b" "c$d${e}"; }
