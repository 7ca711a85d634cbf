"""What is mailed to staff. No name, no address: those are behind the login."""

from .models import Alert

#: kind → (subject, text, page of the desk)
ALERT_MAILS = {
    Alert.Kind.EMERGENCY: (
        "【至急】助けを求める知らせがあります",
        "支援のあいだに、助けを求める知らせがありました。すぐに開いて「受けます」を押してください。\n"
        "2分のあいだ、だれも押さないと、つぎの人に知らせます。",
        "/desk/safety/emergencies/{uid}/",
    ),
    Alert.Kind.LATE: (
        "【確認】終わりの連絡がない支援があります",
        "予定の時間をすぎて、連絡のない支援があります。開いて「電話します」を押し、お電話で確かめてください。\n"
        "10分のあいだ、だれも押さないと、つぎの人に知らせます。",
        "/desk/safety/late/",
    ),
    Alert.Kind.WORRY: (
        "【気になること】新しい知らせがあります",
        "訪問した人から、気になることの知らせが届きました。期限までに、開いて確かめてください。",
        "/desk/safety/worries/{uid}/",
    ),
}
ALERT_MAIL = """{text}

{url}

くわしい内容と名前は、ログインした画面にだけ出ます。
{office}
"""
