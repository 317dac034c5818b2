"""The seller's sentences in four languages."""

from __future__ import annotations

PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "quote": "From {start} to {target} it is {amount}. Shall I pass you to a colleague to start?",
        "no_quote": "I could not get a price for that. Which division are you in, and which one do you want?",
        "ask_target": "You are in {start}. Which division do you want to reach?",
        "ask_both": "Hello. Which division are you in, and which one do you want to reach?",
        "prices": "We climb you from your division to the one you want. Which two are they?",
        "orders": "I looked at your orders. {facts}",
        "no_orders": "I see no orders of yours.",
        "handed": "I am passing you to a colleague, who will write to you here.",
        "not_handed": "I could not reach a colleague just now.",
    },
    "es": {
        "quote": "De {start} a {target} son {amount}. ¿Te paso con un compañero para empezar?",
        "no_quote": "No he podido calcular ese precio. ¿En qué división estás y a cuál quieres llegar?",
        "ask_target": "Estás en {start}. ¿A qué división quieres llegar?",
        "ask_both": "Hola. ¿En qué división estás y a cuál quieres llegar?",
        "prices": "Te subimos desde tu división hasta la que quieras. ¿Cuáles son las dos?",
        "orders": "He mirado tus pedidos. {facts}",
        "no_orders": "No veo pedidos tuyos.",
        "handed": "Te paso con un compañero, que te escribirá por aquí.",
        "not_handed": "Ahora mismo no he podido avisar a un compañero.",
    },
    "fr": {
        "quote": "De {start} à {target}, c'est {amount}. Voulez-vous commencer avec un collègue ?",
        "no_quote": "Je n'ai pas pu calculer ce prix. Quelle est votre division, et laquelle voulez-vous atteindre ?",
        "ask_target": "Vous êtes en {start}. Quelle division voulez-vous atteindre ?",
        "ask_both": "Bonjour. Quelle est votre division, et laquelle voulez-vous atteindre ?",
        "prices": "Nous vous faisons monter de votre division à celle que vous voulez. Lesquelles ?",
        "orders": "J'ai regardé vos commandes. {facts}",
        "no_orders": "Je ne vois aucune commande à votre nom.",
        "handed": "Je vous passe un collègue, qui vous écrira ici.",
        "not_handed": "Je n'ai pas pu joindre un collègue pour le moment.",
    },
    "pt": {
        "quote": "De {start} a {target} são {amount}. Passo você a um colega para começar?",
        "no_quote": "Não consegui calcular esse preço. Em qual divisão você está e a qual quer chegar?",
        "ask_target": "Você está em {start}. A qual divisão quer chegar?",
        "ask_both": "Olá. Em qual divisão você está e a qual quer chegar?",
        "prices": "Subimos você da sua divisão até a que quiser. Quais são as duas?",
        "orders": "Olhei os seus pedidos. {facts}",
        "no_orders": "Não vejo pedidos seus.",
        "handed": "Passo você a um colega, que vai escrever por aqui.",
        "not_handed": "Agora não consegui chamar um colega.",
    },
}
