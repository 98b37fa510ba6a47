"""How the columns that we read are called in a platform's exports: in English, and in the words of its language packs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Headers = Mapping[str, Sequence[str]]  # the English name that we use → what else stands there, in English, German, French, Spanish, Chinese

# Moodle writes a worksheet in the language of whoever exports it, and takes back only the words of the language of whoever imports it
MOODLE: Headers = {
    "Identifier": ("ID", "Identifiant", "Identificador", "标识符", "识别码"),
    "Full name": ("Vollständiger Name", "Nom complet", "Nombre completo", "全名"),
    "First name": ("Vorname", "Prénom", "Nombre", "名"),
    "Last name": ("Surname", "Nachname", "Nom de famille", "Nom", "Apellido(s)", "姓", "姓氏"),
    "Email address": ("E-Mail-Adresse", "Adresse de courriel", "Dirección de correo", "电子邮件地址", "Email地址"),
    "Username": ("Anmeldename", "Nom d'utilisateur", "Nombre de usuario", "用户名"),
    "ID number": ("ID-Nummer", "Numéro d'identification", "Número de ID", "学号"),
    "Grade": ("Bewertung", "Note", "Calificación", "成绩"),
    "Maximum Grade": ("Bestwertung", "Note maximale", "Calificación máxima", "最高分", "最高成绩"),
    "Scale": ("Skala", "Barème", "Escala", "量表"),
    "Grade can be changed": ("Bewertung kann geändert werden", "La note peut être modifiée", "La calificación puede ser cambiada", "允许更改成绩"),
    "Last modified (grade)": (
        "Zuletzt geändert (Bewertung)",
        "Dernière modification (note)",
        "Última modificación (calificación)",
        "上次修改（评分）",
        "最后修改（教师）",
    ),
}
MOODLE_NO = ("No", "Nein", "Non", "否")

# Canvas has translations of these words, but its exports are in English whatever the language, and it takes back nothing else
CANVAS: Headers = {
    "Student": ("Étudiant", "Estudiante", "学生"),
    "LastName": (),
    "FirstName": (),
    "ID": (),
    "SIS User ID": ("SIS-benutzer-ID", "ID d'utilisateur SIS", "ID SIS de Usuario", "ID de usuario de SIS", "用户学号"),
    "SIS Login ID": ("SIS-anmelde-ID", "ID de connexion SIS", "ID SIS de Ingreso", "ID de inicio de sesión", "登录名或学号"),
    "Integration ID": (),
    "Root Account": ("Stammkonto", "Compte racine", "Cuenta principal", "根帐户"),
    "Section": ("Abschnitt", "Sección", "班级"),
}
CANVAS_POSSIBLE = ("Points Possible", "Mögliche Punktzahl", "Points possibles", "Puntos Posibles", "满分")
# a column whose name has one of these holds a total, which Canvas works out itself: 'Assignments Current Score', 'Final Points (Autumn)'
CANVAS_TOTALS: Headers = {
    "Current Score": ("Aktuelle Punktzahl", "Note actuelle", "Puntuación Actual", "当前分数"),
    "Final Score": ("Gesamtpunktzahl", "Note finale (nombre)", "Puntuación Final", "最终分数"),
    "Final Grade": ("Gesamtnote", "Note finale (lettre)", "Calificación Final", "最终评分"),
    "Current Grade": (),
    "Current Points": (),
    "Final Points": (),
    "Override Score": (),
    "Override Grade": (),
    "Override Status": (),
}
